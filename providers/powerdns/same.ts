import type { Rrset } from '../../core/dns.ts';
import { textBytes } from '../../core/dns-text.ts';
import { canonicalIpv6 } from '../../core/ip.ts';

/** Whether two rrsets say the same: PowerDNS gives contents back in another form than it took them. */
export function same(a: Rrset, b: Rrset): boolean {
  const named = a.name.toLowerCase() === b.name.toLowerCase() && a.type === b.type;
  return named && meaning(a) === meaning(b);
}

const meaning = ({ type, contents }: Rrset) => JSON.stringify(contents.map((content) => parsed(type, content)).sort());

const HOSTS = new Set(['CNAME', 'NS', 'PTR', 'ALIAS', 'DNAME', 'MX', 'SRV']);
const TEXTS = new Set(['TXT', 'SPF']);

function parsed(type: string, content: string): string {
  if (type === 'AAAA') return canonicalIpv6(content) ?? content;
  if (HOSTS.has(type)) return content.toLowerCase().replace(/\s+/g, ' ');
  if (TEXTS.has(type)) return text(content);
  if (type !== 'CAA') return content.replace(/\s+/g, ' ');
  const [, flags, tag, value] = /^(\d+)\s+(\w+)\s+(.*)$/.exec(content) ?? [];
  return value === undefined ? content : `${flags} ${tag?.toLowerCase()} ${text(value)}`;
}

const text = (quoted: string) => String.fromCharCode(...textBytes(quoted));
