import { idOfName } from './names.ts';
import { Refused } from './refused.ts';
import type { Zones } from './zones.ts';

/** GET search-data: zones and records whose name or content matches; `*` is any text and `?` one character. */
export function search(zones: Zones, query: URLSearchParams) {
  const q = query.get('q') ?? '';
  if (q === '') throw new Refused("Query q can't be blank");
  const kind = query.get('object_type') ?? 'all';
  const matches = matcher(q);
  const found = zones.list().flatMap((zone) => {
    const place = { zone_id: idOfName(zone.name) };
    const self = kind !== 'record' && matches(zone.name) ? [{ name: zone.name, object_type: 'zone', ...place }] : [];
    return kind === 'zone'
      ? self
      : [...self, ...records(zones, zone.name, matches).map((row) => ({ ...row, ...place }))];
  });
  return found.slice(0, Number(query.get('max') ?? 100));
}

function records(zones: Zones, zone: string, matches: (text: string) => boolean) {
  return zones
    .rrsets(zone)
    .flatMap(({ name, type, ttl, records }) =>
      records
        .filter(({ content }) => matches(name) || matches(content))
        .map((row) => ({ ...row, name, object_type: 'record', ttl, type, zone })),
    );
}

/** A name matches with and without its final dot. */
function matcher(pattern: string): (text: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}\\.?$`, 'is');
  return (text) => expression.test(text);
}
