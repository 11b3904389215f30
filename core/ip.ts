const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

export const isIpv4 = (text: string) => IPV4.test(text);

/** The shortest form of an IPv6 address (RFC 5952), or undefined when it is none. No zone, no prefix length. */
export function canonicalIpv6(text: string): string | undefined {
  const groups = ipv6Groups(text);
  if (!groups) return undefined;
  const hex = groups.map((group) => group.toString(16)).join(':');
  const zeros = [...hex.matchAll(/(?<![^:])0(?::0)+(?![^:])/g)].map(([run]) => run);
  const longest = zeros.sort((a, b) => b.length - a.length)[0];
  if (!longest) return hex;
  const at = hex.search(new RegExp(`(?<![^:])${longest}(?![^:])`));
  return `${hex.slice(0, at).replace(/:$/, '')}::${hex.slice(at + longest.length).replace(/^:/, '')}`;
}

function ipv6Groups(text: string): number[] | undefined {
  const [head, tail, more] = text.split('::');
  if (head === undefined || more !== undefined) return undefined;
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...new Array<number>(missing).fill(0), ...after];
  return groups.every((group) => group >= 0) ? groups : undefined;
}

// What is no group comes out as -1. The last one may be written as an IPv4 address (RFC 4291 2.2).
function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group, i, all) => {
    if (i === all.length - 1 && isIpv4(group)) return ipv4Groups(group);
    return [/^[0-9a-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : -1];
  });
}

function ipv4Groups(text: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}
