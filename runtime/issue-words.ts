import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const FORMATS: Record<string, string> = {
  email: 'an e-mail address',
  uuid: 'an id (UUID)',
  url: 'a URL such as https://shop.example/thanks',
  datetime: 'a date and time such as 2026-01-31T12:00:00Z',
  date: 'a date, such as 2026-01-31',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  base64: 'base64',
};

/**
 * Says what is wrong with a value to whoever sent it, to follow the name of the field and a colon. Given to a parse as its
 * `error`; a schema that has words of its own keeps them, and what is not known here zod says.
 */
export function inWords(issue: Issue): string | undefined {
  if (issue.input === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value'))
    return 'is needed';
  switch (issue.code) {
    case 'invalid_type':
      return wrongKind(issue);
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return typeof issue.discriminator === 'string'
        ? wrongChoice(issue.input, issue.discriminator, issue.options as readonly unknown[])
        : undefined;
    case 'unrecognized_keys':
      return `there is no field ${issue.keys.join(', ')} here`;
    case 'invalid_format':
      return FORMATS[issue.format] && `must be ${FORMATS[issue.format]}`;
    case 'too_small':
      return issue.origin === 'string' && issue.minimum === 1
        ? 'must not be empty'
        : limit(
            issue.origin,
            issue.exact ? 'exactly' : issue.inclusive === false ? 'more than' : 'at least',
            issue.minimum,
          );
    case 'too_big':
      return limit(
        issue.origin,
        issue.exact ? 'exactly' : issue.inclusive === false ? 'less than' : 'at most',
        issue.maximum,
      );
    default:
      return undefined;
  }
}

function wrongChoice(input: unknown, field: string, choices: readonly unknown[] = []): string {
  const given = (input as Record<string, unknown>)[field];
  return given === undefined ? 'is needed' : `must be one of ${choices.map(String).join(', ')}`;
}

function wrongKind({ expected, input }: Extract<Issue, { code: 'invalid_type' }>): string | undefined {
  const wanted = KINDS[expected];
  if (!wanted) return undefined;
  return typeof input === 'number' && !Number.isFinite(input)
    ? `must be ${wanted}`
    : `must be ${wanted}, not ${kindOf(input, expected)}`;
}

function kindOf(input: unknown, expected: string): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'number' && expected === 'int') return String(input);
  return KINDS[typeof input] ?? 'something else';
}

/** Of text, how long; of a list, how many; of anything else, the value. */
function limit(origin: string, how: string, bound: number | bigint): string {
  if (origin === 'string') return `must have ${how} ${bound} characters`;
  if (origin === 'array' || origin === 'set') return `must have ${how} ${bound} entries`;
  return `must be ${how} ${bound}`;
}
