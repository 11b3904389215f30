import { setTimeout as sleep } from 'node:timers/promises';
import type { StandIn } from '../lib/stand-in.ts';
import { type Document, objectsOf } from './document.ts';
import { Refused } from './refused.ts';
import type { Rrset, Zone, Zones } from './zones.ts';

/** How long a transaction without isolation stays open for another to slip in. */
const RACE_MS = 100;

/** `one-rrset-refused`: the rrset of that name is refused, and with it the whole PATCH. PATCHes without it pass by. */
export function refuseOne(self: StandIn, operation: string, document: Document): void {
  const named = self.faults.list().flatMap(({ action }) => {
    if (action.kind !== 'switch' || action.name !== 'one-rrset-refused') return [];
    return objectsOf(document, 'rrsets').filter((item) => item.name === (action.data as { name: string }).name);
  });
  const [struck] = named;
  if (struck && self.faults.switched('one-rrset-refused', operation))
    throw new Refused(`RRset ${struck.name} IN ${struck.type}: Conflicts with pre-existing RRset`);
}

/**
 * `parallel-patch-duplicates`: as a backend without isolation does it, the rows seen at the start are deleted and the
 * new ones inserted. Two PATCHes of one zone at once leave the rows of both, two SOAs among them (PowerDNS/pdns#7128).
 */
export async function saveWithoutIsolation(zones: Zones, zone: Zone, changed: Rrset[]): Promise<void> {
  const rows = (rrset: Rrset) => zones.find(zone.name, rrset.name, rrset.type)?.records ?? [];
  const seen = new Set(changed.flatMap(rows));
  await sleep(RACE_MS);
  const others = (rrset: Rrset) => rows(rrset).filter((row) => !seen.has(row));
  zones.save(
    zone,
    changed.map((rrset) => ({ ...rrset, records: [...others(rrset), ...rrset.records] })),
  );
}

/** `content-other-form`: the same records written as newer versions may: other case, long IPv6, \DDD in texts. */
export function inOtherForm(rrset: Rrset): Rrset {
  return { ...rrset, records: rrset.records.map((row) => ({ ...row, content: otherForm(rrset.type, row.content) })) };
}

function otherForm(type: string, content: string): string {
  switch (type) {
    case 'TXT':
    case 'SPF':
      return content.replace(/(?<!\\)[=~;]|[^\x20-\x7e]/gu, bytesEscaped);
    case 'AAAA':
      return longIpv6(content).toUpperCase();
    case 'CNAME':
    case 'MX':
    case 'NS':
    case 'SRV':
    case 'PTR':
      return content.toUpperCase();
    default:
      return content;
  }
}

function bytesEscaped(sign: string): string {
  return [...Buffer.from(sign)].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('');
}

function longIpv6(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const right = groups(tail ?? '');
  const left = groups(head);
  const zeros = Array<string>(tail === undefined ? 0 : 8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(':');
}
