import { isIPv4, isIPv6 } from 'node:net';
import { isName } from './names.ts';

/**
 * Presentation formats by record type (RFC 1035, 3596, 2782, 8659, 6698, 4255, 4034), field by field. A reader answers
 * the field as PowerDNS would write it after parsing and throws its complaint. Types not named here are unknown.
 */
type Field = (token: string, at: number, whole: string) => string;

const host: Field = (token) => {
  const absolute = token.endsWith('.') ? token : `${token}.`;
  if (!isName(absolute)) throw unparsable(`Unable to parse DNS Name '${token}'`);
  return absolute;
};

const number =
  (max: number): Field =>
  (token, at, whole) => {
    if (!/^\d+$/.test(token)) throw unparsable(`expected digits at position ${at} in '${whole}'`);
    if (Number(token) > max) throw unparsable(`Parsed value ${token} is out of range of 0 to ${max} at position ${at}`);
    return String(Number(token));
  };

const quoted: Field = (token, at, whole) => {
  if (!token.startsWith('"'))
    throw unparsable(`Data field in DNS should start with quote (") at position ${at} of '${whole}'`);
  if (!/^"(?:[^"\\]|\\.)*"$/s.test(token))
    throw unparsable(`Data field in DNS should end on a quote (") in '${whole}'`);
  return token;
};

const word: Field = (token) => token;

const hex: Field = (token, at, whole) => {
  if (!/^(?:[0-9a-f]{2})+$/i.test(token)) throw unparsable(`expected hex digits at position ${at} in '${whole}'`);
  return token;
};

const ipv4: Field = (token) => {
  if (!isIPv4(token)) throw unparsable(`unable to parse IP address '${token}'`);
  return token;
};

const [u8, u16, u32] = [number(255), number(65_535), number(4_294_967_295)];

const FIELDS: Record<string, Field[]> = {
  A: [ipv4],
  ALIAS: [host],
  CAA: [u8, word, quoted],
  CNAME: [host],
  DS: [u16, u8, u8, hex],
  MX: [u16, host],
  NS: [host],
  PTR: [host],
  SOA: [host, host, u32, u32, u32, u32, u32],
  SRV: [u16, u16, u16, host],
  SSHFP: [u8, u8, hex],
  TLSA: [u8, u8, u8, hex],
};

const TEXTS = new Set(['TXT', 'SPF']);

export function isKnownType(type: string): boolean {
  return type === 'AAAA' || TEXTS.has(type) || type in FIELDS;
}

/** A record's content as PowerDNS keeps it. Throws an Error with PowerDNS' complaint about the content. */
export function canonical(type: string, content: string): string {
  if (type === 'AAAA') return ipv6(content);
  const tokens = tokensOf(content);
  const fields = FIELDS[type] ?? tokens.map(() => quoted);
  if (tokens.length === 0 || tokens.length < fields.length)
    throw unparsable(`missing field at the end of record content '${content}'`);
  if (tokens.length > fields.length) throw unparsable(`trailing text in record content '${content}'`);
  const parsed = tokens.map(({ text, at }, index) => (fields[index] ?? word)(text, at, content)).join(' ');
  if (parsed.toLowerCase() !== content.toLowerCase()) throw new Error(`Not in expected format (parsed as '${parsed}')`);
  return content;
}

/** Fields of a content, quoted ones whole with their quotes. */
export function tokensOf(content: string): { text: string; at: number }[] {
  return [...content.matchAll(/"(?:[^"\\]|\\.)*"?|[^\s"]+/gs)].map((match) => ({ text: match[0], at: match.index }));
}

/** RFC 5952 form; an embedded IPv4 address is refused as 4.7 does. */
function ipv6(content: string): string {
  if (!isIPv6(content) || /[.%]/.test(content)) throw new Error('Invalid IPv6 address');
  return new URL(`http://[${content}]`).hostname.slice(1, -1);
}

function unparsable(complaint: string): Error {
  return new Error(`Parsing record content (try 'pdnsutil check-zone'): ${complaint}`);
}
