import { type Document, objectsOf, textOf } from './document.ts';
import { Refused } from './refused.ts';
import { readOwner, readRrset } from './rrset.ts';
import { raisedSoa } from './serial.ts';
import type { Rrset, Zone, Zones } from './zones.ts';

/**
 * What a PATCH makes of the zone: the rrsets it changes as they shall be (no records: gone), the SOA with its raised
 * serial among them. Nothing is written; one rrset that is refused refuses all.
 */
export function planPatch(zones: Zones, zone: Zone, document: Document, now: Date): Rrset[] {
  if (!Array.isArray(document.rrsets)) throw new Refused('No rrsets given in update request');
  const draft = new Map<string, Rrset>();
  const seen = new Set<string>();
  for (const item of objectsOf(document, 'rrsets')) {
    const changetype = textOf(item, 'changetype').toUpperCase();
    const { name, type } = readOwner(item);
    const key = `${name} ${type}`;
    if (seen.has(`${key} ${changetype}`))
      throw new Refused(`Duplicate RRset ${name} IN ${type} with changetype: ${changetype}`);
    seen.add(`${key} ${changetype}`);
    draft.set(key, change(zones, zone, draft, item, changetype));
  }
  const soaKey = `${zone.name} SOA`;
  const soa = draft.get(soaKey) ?? zones.find(zone.name, zone.name, 'SOA');
  if (!soa?.records.length) throw new Refused(`No SOA found for domain '${zone.name}'`);
  draft.set(soaKey, withRaisedSerial(soa, zone, now));
  return [...draft.values()];
}

export function withRaisedSerial(soa: Rrset, zone: Zone, now: Date): Rrset {
  const raise = (content: string) => raisedSoa(content, zone.soaEditApi, now);
  return { ...soa, records: soa.records.map((row) => ({ ...row, content: raise(row.content) })) };
}

function change(zones: Zones, zone: Zone, draft: Map<string, Rrset>, item: Document, changetype: string): Rrset {
  if (changetype === 'DELETE') return { zone: zone.name, ...readOwner(item), ttl: 0, records: [] };
  // EXTEND and PRUNE came with 4.9.12.
  if (changetype !== 'REPLACE') throw new Refused('Changetype not understood');
  const rrset = readRrset(item, zone.name);
  const beside = typesAt(zones, zone, draft, rrset.name).filter((type) => type !== rrset.type);
  if (rrset.records.length > 0 && (rrset.type === 'CNAME' ? beside.length > 0 : beside.includes('CNAME')))
    throw new Refused(`RRset ${rrset.name} IN ${rrset.type}: Conflicts with pre-existing RRset`);
  return rrset;
}

/** Types at the name as the zone would be with what this PATCH has done so far. */
function typesAt(zones: Zones, zone: Zone, draft: Map<string, Rrset>, name: string): string[] {
  const kept = zones.at(zone.name, name).filter((rrset) => !draft.has(`${name} ${rrset.type}`));
  const drafted = [...draft.values()].filter((rrset) => rrset.name === name && rrset.records.length > 0);
  return [...kept, ...drafted].map((rrset) => rrset.type);
}
