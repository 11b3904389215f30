import { canonical, isKnownType } from './contents.ts';
import { type Document, flagOf, integerOf, objectsOf, textOf } from './document.ts';
import { isBelow, readName } from './names.ts';
import { Refused } from './refused.ts';
import type { Row, Rrset } from './zones.ts';

/** Types of which a name holds one record at most. */
const SINGLE = new Set(['CNAME', 'DNAME', 'SOA']);

export function readOwner(item: Document): { name: string; type: string } {
  const name = readName(textOf(item, 'name'));
  const type = textOf(item, 'type').toUpperCase();
  if (!isKnownType(type)) throw new Refused(`RRset ${name} IN ${textOf(item, 'type')}: unknown type given`);
  return { name, type };
}

/** The rrset as a REPLACE or a new zone gives it, validated and in canonical form. */
export function readRrset(item: Document, zone: string): Rrset {
  const { name, type } = readOwner(item);
  const title = `RRset ${name} IN ${type}`;
  if (!isBelow(name, zone)) throw new Refused(`${title}: Name is out of zone`);
  if (!Array.isArray(item.records)) throw new Refused(`No change for ${title}`);
  const ttl = integerOf(item, 'ttl');
  const records = objectsOf(item, 'records').map((record) => readRow(record, name, type));
  if (SINGLE.has(type) && records.length > 1) throw new Refused(`${title} has more than one record`);
  refuseDuplicates(title, records);
  return { zone, name, type, ttl, records };
}

function readRow(record: Document, name: string, type: string): Row {
  const given = textOf(record, 'content');
  try {
    return { content: canonical(type, given), disabled: flagOf(record, 'disabled', false) };
  } catch (error) {
    if (error instanceof Refused || !(error instanceof Error)) throw error;
    throw new Refused(`Record ${name}/${type} '${given}': ${error.message}`);
  }
}

function refuseDuplicates(title: string, rows: Row[]): void {
  const seen = new Set<string>();
  for (const { content } of rows) {
    if (seen.has(content)) throw new Refused(`Duplicate record in ${title} with content "${content}"`);
    seen.add(content);
  }
}
