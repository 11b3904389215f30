import { quoteText, textBytes } from './dns-text.ts';
import { canonicalIpv6, isIpv4 } from './ip.ts';

/** What a record says, as people write it: `priority` apart, host names with or without the final dot, TXT with or without quotes. */
export interface RecordValue {
  content: string;
  priority?: number | null;
}

interface Rule {
  /** One sentence on what is wrong, or undefined. */
  problem(value: RecordValue): string | undefined;
  /** Presentation format as a name server takes it. */
  write(value: RecordValue): string;
}

const MAX_TEXT = 4096;

/** What may stand in a record of each type that customers can make. */
const RULES: Record<string, Rule> = {
  A: {
    problem: ({ content }) =>
      isIpv4(content.trim()) ? undefined : `"${content}" is not an IPv4 address such as 192.0.2.10.`,
    write: ({ content }) => content.trim(),
  },
  AAAA: {
    problem: ({ content }) =>
      canonicalIpv6(content.trim()) ? undefined : `"${content}" is not an IPv6 address such as 2001:db8::10.`,
    write: ({ content }) => canonicalIpv6(content.trim()) ?? content,
  },
  CNAME: host(),
  NS: host(),
  PTR: host(),
  ALIAS: host(),
  MX: {
    problem: (value) => priorityProblem(value) ?? (isNull(value.content) ? undefined : hostProblem(value.content)),
    write: ({ content, priority }) => `${priority} ${hostTarget(content)}`,
  },
  SRV: {
    problem: (value) => priorityProblem(value) ?? srvProblem(value.content),
    write: ({ content, priority }) => {
      const [weight, port, target = ''] = content.trim().split(/\s+/);
      return `${priority} ${weight} ${port} ${hostTarget(target)}`;
    },
  },
  TXT: {
    problem: ({ content }) => textProblem(content),
    write: ({ content }) => quoteText(textBytes(content)),
  },
  CAA: {
    problem: ({ content }) =>
      caa(content) ? undefined : `"${content}" is not a CAA value such as 0 issue "letsencrypt.org".`,
    write: ({ content }) => {
      const { flags, tag, value } = caa(content) ?? { flags: '', tag: '', value: '' };
      return `${flags} ${tag.toLowerCase()} ${quoteText(textBytes(value))}`;
    },
  },
};

export const RECORD_TYPES: readonly string[] = Object.keys(RULES);

export function contentProblem(type: string, value: RecordValue): string | undefined {
  const rule = RULES[type];
  return rule
    ? rule.problem(value)
    : `Records of type ${type} cannot be made here; there are ${RECORD_TYPES.join(', ')}.`;
}

/** @param value one without {@link contentProblem} */
export function writeContent(type: string, value: RecordValue): string {
  return RULES[type]?.write(value) ?? value.content;
}

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const HOST = new RegExp(`^(?:${LABEL}\\.)+${LABEL}\\.?$`, 'i');

function host(): Rule {
  return { problem: ({ content }) => hostProblem(content), write: ({ content }) => hostTarget(content) };
}

function hostProblem(content: string): string | undefined {
  if (/[^\x20-\x7e]/.test(content)) return `"${content}" must be in its ASCII form (xn--…).`;
  const fits = HOST.test(content.trim()) && content.trim().length <= 254;
  return fits ? undefined : `"${content}" is not a full host name such as mail.example.com.`;
}

// RFC 7505, RFC 2782: a single dot says that there is no such service.
const isNull = (content: string) => content.trim() === '.';

function hostTarget(content: string): string {
  const name = content.trim().toLowerCase();
  return name.endsWith('.') ? name : `${name}.`;
}

const isUint = (value: unknown, max: number) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max;

function priorityProblem({ priority }: RecordValue): string | undefined {
  return isUint(priority, 65535) ? undefined : 'This record needs a priority between 0 and 65535.';
}

function srvProblem(content: string): string | undefined {
  const [weight, port, target, more] = content.trim().split(/\s+/);
  const numbers = [weight, port].every((text) => /^\d{1,5}$/.test(text ?? '') && Number(text) <= 65535);
  if (!numbers || target === undefined || more !== undefined)
    return `"${content}" is not "weight port target", such as 5 5060 sip.example.com.`;
  return isNull(target) ? undefined : hostProblem(target);
}

function textProblem(content: string): string | undefined {
  const { length } = textBytes(content);
  if (length === 0) return 'The text is empty.';
  if (length > MAX_TEXT) return `The text has ${length} bytes; at most ${MAX_TEXT} are possible.`;
  return [...content].some((char) => char < ' ' || char === '\x7f')
    ? 'The text has control characters in it.'
    : undefined;
}

function caa(content: string): { flags: string; tag: string; value: string } | undefined {
  const [, flags, tag, value] = /^(\d{1,3})\s+([a-z0-9]+)\s+(\S.*)$/i.exec(content.trim()) ?? [];
  if (flags === undefined || tag === undefined || value === undefined || Number(flags) > 255) return undefined;
  return /^[\x20-\x7e]*$/.test(value) ? { flags, tag, value } : undefined;
}
