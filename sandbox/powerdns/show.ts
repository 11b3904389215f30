import { idOfName } from './names.ts';
import { serialOf } from './serial.ts';
import type { Rrset, Zone, Zones } from './zones.ts';

export const SERVER = '/api/v1/servers/localhost';

/** A zone as the list shows it. */
export function showZone(zones: Zones, zone: Zone) {
  const serial = serialOf(zones.find(zone.name, zone.name, 'SOA')?.records[0]?.content);
  const id = idOfName(zone.name);
  return {
    account: zone.account,
    catalog: '',
    dnssec: zone.keys.length > 0,
    edited_serial: serial,
    id,
    kind: zone.kind,
    last_check: 0,
    masters: zone.masters,
    name: zone.name,
    notified_serial: 0,
    serial,
    url: `${SERVER}/zones/${id}`,
  };
}

/** A zone by itself, with the given rrsets. */
export function showWholeZone(zones: Zones, zone: Zone, rrsets: Rrset[]) {
  return {
    ...showZone(zones, zone),
    api_rectify: zone.apiRectify,
    master_tsig_key_ids: [],
    nsec3narrow: false,
    nsec3param: '',
    rrsets: rrsets.map(({ name, type, ttl, records }) => ({ comments: [], name, records, ttl, type })),
    slave_tsig_key_ids: [],
    soa_edit: zone.soaEdit,
    soa_edit_api: zone.soaEditApi,
  };
}
