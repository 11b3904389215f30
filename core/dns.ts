import { contentProblem, type RecordValue, writeContent } from './dns-content.ts';

/** One record as our customers see it. */
export interface RecordRow extends RecordValue {
  type: string;
  /** Relative to the zone, `@` for the zone itself; a name that ends in the zone's is taken as the whole one. A-labels. */
  name: string;
  /** Seconds. */
  ttl: number;
}

/** All records of one name and type, as name servers know them. Names are absolute, lower case, with a final dot. */
export interface Rrset {
  name: string;
  type: string;
  /** Seconds. */
  ttl: number;
  /** Presentation format: quoted TXT, "10 mx.example." for MX. None means that the rrset is to go. */
  contents: string[];
}

const MAX_TTL = 2 ** 31 - 1;

/** The absolute form of a name in the zone. */
export function absoluteName(zone: string, name: string): string {
  const apex = `${zone.toLowerCase().replace(/\.$/, '')}.`;
  const lower = name.trim().toLowerCase();
  if (lower === '' || lower === '@') return apex;
  if (lower.endsWith('.')) return lower;
  return `${lower}.`.endsWith(`.${apex}`) || `${lower}.` === apex ? `${lower}.` : `${lower}.${apex}`;
}

/** One sentence on what is wrong with a record by itself, or undefined. */
export function recordProblem(zone: string, row: RecordRow): string | undefined {
  return nameProblem(zone, row) ?? ttlProblem(row.ttl) ?? contentProblem(row.type, row);
}

/** One sentence on what the records of a zone do to each other, or undefined. */
export function zoneProblem(zone: string, rows: readonly RecordRow[]): string | undefined {
  for (const [name, there] of Map.groupBy(rows, (row) => absoluteName(zone, row.name))) {
    if (there.length > 1 && there.some(({ type }) => type === 'CNAME'))
      return `${name} has a CNAME, beside which nothing else may stand.`;
    const written = there.map((row) => `${row.type} ${writeContent(row.type, row)}`);
    const twice = written.find((text, i) => written.indexOf(text) !== i);
    if (twice) return `${name} has the record ${twice} twice.`;
  }
  return undefined;
}

/** The rrsets of rows without a problem. Where their ttl differs, the lowest holds (RFC 2181 5.2). */
export function rrsetsOf(zone: string, rows: readonly RecordRow[]): Rrset[] {
  const groups = Map.groupBy(rows, (row) => `${absoluteName(zone, row.name)} ${row.type}`);
  return [...groups.values()].map((group) => rrsetAt(zone, group, group[0]!));
}

/** The whole rrset at a name and type, from all rows of the zone: what has to be written after a change there. */
export function rrsetAt(zone: string, rows: readonly RecordRow[], at: { name: string; type: string }): Rrset {
  const name = absoluteName(zone, at.name);
  const there = rows.filter((row) => row.type === at.type && absoluteName(zone, row.name) === name);
  return {
    name,
    type: at.type,
    ttl: there.length ? Math.min(...there.map((row) => row.ttl)) : 0,
    contents: there.map((row) => writeContent(row.type, row)),
  };
}

const NAME = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+$/;

function nameProblem(zone: string, { name, type }: RecordRow): string | undefined {
  if (/[^\x20-\x7e]/.test(name)) return `The name "${name}" must be in its ASCII form (xn--…).`;
  const whole = absoluteName(zone, name);
  const apex = absoluteName(zone, '@');
  if (!NAME.test(whole) || whole.length > 254) return `"${name}" is not a name that a record can have.`;
  if (whole !== apex && !whole.endsWith(`.${apex}`)) return `${whole} is outside the zone ${apex}`;
  if (whole === apex && type === 'CNAME') return 'A CNAME cannot stand at the zone itself; ALIAS can.';
  if (whole === apex && type === 'NS') return 'The name servers of the zone itself cannot be changed by a record.';
  return undefined;
}

function ttlProblem(ttl: number): string | undefined {
  const fits = Number.isInteger(ttl) && ttl >= 0 && ttl <= MAX_TTL;
  return fits ? undefined : `The TTL must be a whole number of seconds between 0 and ${MAX_TTL}.`;
}
