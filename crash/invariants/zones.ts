import { surplus } from './duplicates.ts';
import type { Evidence, Invariant, Told } from './evidence.ts';

/** At the name server: the zones and, name by name and type by type, as many records as the platform has rows. */
export const zones: Invariant = ({ told, outside: { powerdns } }) => {
  const rows = told.zones.filter(({ status }) => status === 'active');
  const [ours, theirs] = [rows.map(({ domain }) => `${domain}.`), powerdns.map(({ name }) => name)];
  const [wanted, found] = [rows.flatMap(recordsOf), powerdns.flatMap(recordsAt)];
  return [
    ...surplus(theirs, ours).map((name) => `zone ${name} is nobody's`),
    ...surplus(ours, theirs).map((name) => `zone ${name} is not at the name server`),
    ...surplus(found, wanted).map((record) => `record ${record} is at the name server and nobody's`),
    ...surplus(wanted, found).map((record) => `record ${record} is not at the name server`),
  ];
};

function recordsOf({ domain, records }: Told['zones'][number]): string[] {
  return records
    .map(({ name, type }) => (name === '@' ? `${domain}. ${type}` : `${name}.${domain}. ${type}`))
    .filter(counts);
}

function recordsAt({ rrsets }: Evidence['outside']['powerdns'][number]): string[] {
  return rrsets.flatMap(({ name, type, records }) => records.map(() => `${name} ${type}`)).filter(counts);
}

/** Every zone has these of itself. */
const counts = (record: string) => !/ (SOA|NS)$/.test(record);
