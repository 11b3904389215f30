import { randomInt, randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { TABLE_ACCESS } from '../../../db/table-access.ts';

interface Column {
  name: string;
  type: string;
  length: number | null;
  /** Must be given: not null, and without a default. */
  needed: boolean;
  /** The table that a foreign key leads to, by its id. */
  parent: string | null;
  /** A value that its check allows. */
  allowed: string | null;
}

const COLUMNS = `
  select a.attname as name, format_type(a.atttypid, null) as type, nullif(a.atttypmod, -1) - 4 as length,
    a.attnotnull and not a.atthasdef as needed,
    (select f.confrelid::regclass::text from pg_constraint f
     where f.contype = 'f' and f.conrelid = a.attrelid and f.conkey = array[a.attnum]) as parent,
    (select (regexp_match(pg_get_constraintdef(c.oid), '''([^'']*)'''))[1] from pg_constraint c
     where c.contype = 'c' and c.conrelid = a.attrelid and c.conkey = array[a.attnum] limit 1) as allowed
  from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`;

export interface Made {
  /** Where it lies in its table. */
  ctid: string;
  /** Its own id, where it has one. */
  id: string | undefined;
}

/** An insert that its maker has not run yet. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** Makes rows of any table for a tenant from what the catalogue says of its columns, with the rows they hang on. */
export function rowMaker(owner: Client, tenantId: string) {
  const made = new Map<string, Promise<Made>>();

  async function statement(table: string): Promise<Statement> {
    const { rows } = await owner.query<Column>(COLUMNS, [table]);
    const access = TABLE_ACCESS[table];
    const own = access?.kind === 'tenant' ? access.column : undefined;
    const given = rows.filter((column) => column.needed || column.name === own);
    const values = await Promise.all(given.map((column) => (column.name === own ? tenantId : fill(column))));
    const names = given.map(({ name }) => `"${name}"`);
    const places = given.map(({ type }, index) => `$${index + 1}::${type}`);
    return { text: `insert into "${table}" (${names.join()}) values (${places.join()})`, values };
  }

  async function fill(column: Column): Promise<unknown> {
    if (column.parent) return column.parent === 'tenant' ? tenantId : (await row(column.parent)).id;
    return column.allowed ?? anything(column);
  }

  async function insert(table: string): Promise<Made> {
    const { text, values } = await statement(table);
    const { rows } = await owner.query<{ ctid: string; row: { id?: string } }>(
      `${text} returning ctid::text as ctid, to_jsonb("${table}") as row`,
      values,
    );
    return { ctid: String(rows[0]?.ctid), id: rows[0]?.row.id };
  }

  /** The tenant's one row of a table. */
  function row(table: string): Promise<Made> {
    const there = made.get(table) ?? insert(table);
    made.set(table, there);
    return there;
  }

  return { row, statement };
}
export type RowMaker = ReturnType<typeof rowMaker>;

function anything({ type, length, name }: Column): unknown {
  if (type.endsWith('[]')) return '{}';
  switch (type) {
    case 'uuid':
      return randomUUID();
    case 'json':
    case 'jsonb':
      return '{}';
    case 'boolean':
      return false;
    case 'timestamp with time zone':
      return new Date().toISOString();
    case 'date':
      return new Date(randomInt(30_000) * 86_400_000).toISOString().slice(0, 10);
    case 'bytea':
      return Buffer.from(name);
    case 'smallint':
    case 'integer':
    case 'bigint':
      return randomInt(30_000);
    case 'inet':
      return `127.65.${randomInt(256)}.${randomInt(256)}`;
    default:
      return randomUUID().slice(0, length ?? undefined);
  }
}
