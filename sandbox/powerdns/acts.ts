import type { Running } from '../lib/stand-in.ts';
import { planPatch } from './patch.ts';
import type { Zones } from './zones.ts';

/**
 * What somebody else does to the zones:
 * set-record {zone, name, type, ttl?, contents}, delete-record {zone, name, type}, delete-zone {zone}
 */
export function powerDnsActs(zones: Zones): NonNullable<Running['acts']> {
  return {
    'set-record': ({ zone, name, type, ttl = 300, contents }) => {
      const records = (contents as string[]).map((content) => ({ content }));
      change(zones, String(zone), { changetype: 'REPLACE', name, type, ttl, records });
    },
    'delete-record': ({ zone, name, type }) => change(zones, String(zone), { changetype: 'DELETE', name, type }),
    'delete-zone': ({ zone }) => ({ deleted: zones.delete(String(zone)) }),
  };
}

function change(zones: Zones, name: string, rrset: Record<string, unknown>): void {
  const zone = zones.get(name);
  if (!zone) throw new Error(`no zone '${name}'`);
  zones.save(zone, planPatch(zones, zone, { rrsets: [rrset] }, new Date()));
}
