import { newCryptokey } from './cryptokeys.ts';
import { type Document, flagOf, objectsOf, textOf } from './document.ts';
import { isName, readName } from './names.ts';
import { withRaisedSerial } from './patch.ts';
import { Refused, Status } from './refused.ts';
import { readRrset } from './rrset.ts';
import type { Rrset, Zone, Zones } from './zones.ts';

const KINDS: Record<string, string> = {
  native: 'Native',
  master: 'Master',
  primary: 'Master',
  slave: 'Slave',
  secondary: 'Slave',
};
const DEFAULT_TTL = 3600;

/** A new zone from POST /zones, with a SOA of PowerDNS' defaults where none is given. */
export function createZone(zones: Zones, document: Document, now: Date): Zone {
  const name = readName(textOf(document, 'name'));
  if (zones.get(name)) throw new Status(409);
  const zone = configured(blank(name), { ...document, kind: textOf(document, 'kind') });
  const given = objectsOf(document, 'rrsets').map((item) => readRrset(item, name));
  const rrsets = [...given, ...apexNs(name, document, given)];
  refuseClashes(rrsets);
  const soa = rrsets.find(({ type }) => type === 'SOA') ?? apex(name, 'SOA', [defaultSoa(name)]);
  zones.save(zone, [...rrsets.filter((rrset) => rrset !== soa), withRaisedSerial(soa, zone, now)]);
  return zone;
}

/** The zone with the settings that the document names; the others stay. */
export function configured(zone: Zone, document: Document): Zone {
  const text = (key: string, otherwise: string) => (typeof document[key] === 'string' ? document[key] : otherwise);
  const signed = flagOf(document, 'dnssec', zone.keys.length > 0);
  return {
    ...zone,
    // An unknown kind silently becomes Native.
    kind: typeof document.kind === 'string' ? (KINDS[document.kind.toLowerCase()] ?? 'Native') : zone.kind,
    account: text('account', zone.account),
    soaEdit: text('soa_edit', zone.soaEdit),
    soaEditApi: text('soa_edit_api', zone.soaEditApi),
    masters: Array.isArray(document.masters) ? document.masters.map(String) : zone.masters,
    apiRectify: flagOf(document, 'api_rectify', zone.apiRectify),
    keys: !signed ? [] : zone.keys.length > 0 ? zone.keys : [newCryptokey(zone.name, 1)],
  };
}

function blank(name: string): Zone {
  const texts = { kind: 'Native', account: '', soaEdit: '', soaEditApi: 'DEFAULT' };
  return { name, ...texts, masters: [], apiRectify: false, keys: [] };
}

function apexNs(zone: string, document: Document, given: Rrset[]): Rrset[] {
  const { nameservers = [] } = document;
  if (!Array.isArray(nameservers)) throw new Refused('Nameservers is not a list');
  for (const server of nameservers) {
    if (typeof server !== 'string' || server === '') throw new Refused('Nameservers must be non-empty strings');
    if (!server.endsWith('.')) throw new Refused(`Nameserver is not canonical: '${server}'`);
    if (!isName(server)) throw new Refused(`Unable to parse DNS Name for NS '${server}'`);
  }
  if (nameservers.length === 0) return [];
  if (given.some((rrset) => rrset.type === 'NS' && rrset.name === zone))
    throw new Refused('Nameservers list MUST NOT be mixed with zone-level NS in rrsets');
  return [apex(zone, 'NS', nameservers)];
}

function refuseClashes(rrsets: Rrset[]): void {
  for (const { name, type } of rrsets.filter((rrset) => rrset.type === 'CNAME'))
    if (rrsets.some((other) => other.name === name && other.type !== type))
      throw new Refused(`RRset ${name} IN ${type}: Conflicts with another RRset`);
}

function apex(zone: string, type: string, contents: string[]): Rrset {
  const records = contents.map((content) => ({ content, disabled: false }));
  return { zone, name: zone, type, ttl: DEFAULT_TTL, records };
}

function defaultSoa(zone: string): string {
  return `a.misconfigured.dns.server.invalid. hostmaster.${zone} 0 10800 3600 604800 3600`;
}
