import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { List } from './catalogue.ts';
import { ONE } from './catalogue.ts';

const SETTLING = 60;
const SETTLING_MS = 500;

interface Column {
  name: string;
  type: string;
  /** A value that its check allows. */
  allowed: string | null;
}

/** Columns that must be given, or that every table fills alike. */
const COLUMNS = `
  select a.attname as name, format_type(a.atttypid, null) as type,
    (select (regexp_match(pg_get_constraintdef(c.oid), '''([^'']*)'''))[1] from pg_constraint c
     where c.contype = 'c' and c.conrelid = a.attrelid and c.conkey = array[a.attnum] limit 1) as allowed
  from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
    and (a.attnotnull and not a.atthasdef or a.attname in ('id', 'tenant_id', 'created_at') or a.attname = any($2))`;

/** Ids in the order of the rows, as ours are. */
const ROW_ID = `create or replace function pg_temp.row_id(i bigint) returns uuid language sql immutable as
  $$ select (lpad(to_hex(i), 12, '0') || '70008' || repeat('0', 15))::uuid $$`;

/**
 * Puts so many rows under a list, past triggers and foreign keys: nine of ten of one tenant, the others of another. The
 * row that others hang on is there as well.
 * @param owner a connection of the tables' owner, a superuser
 */
export async function seedList(
  owner: Client,
  { table, values = {} }: Pick<List, 'table' | 'values'>,
  rows: number,
  tenants: [string, string],
) {
  await owner.query(ROW_ID);
  const { rows: columns } = await owner.query<Column>(COLUMNS, [table, Object.keys(values)]);
  const filled = columns.map((column) => [column.name, expression(column, values, tenants)] as const);
  const names = filled.map(([name]) => `"${name}"`).join();
  const places = filled.map(([, text]) => text.replaceAll('row_id(', 'pg_temp.row_id(')).join();
  await owner.query('set session_replication_role = replica');
  await owner.query(`insert into "${table}" (${names}) select ${places} from generate_series(1, ${rows}) i`);
  await owner.query('set session_replication_role = default');
  await settle(owner, table);
}

/**
 * A table as it is once PostgreSQL has come by. What somebody's snapshot still holds up is not marked as visible to all, and
 * is looked at row by row where an index would do: the server's own statistics of a table before may be in the way.
 */
async function settle(owner: Client, table: string): Promise<void> {
  const marked = 'select relallvisible >= relpages as whole from pg_class where oid = $1::regclass';
  for (let tries = 0; tries < SETTLING; tries++) {
    await owner.query(`vacuum (analyze) "${table}"`);
    if ((await owner.query<{ whole: boolean }>(marked, [table])).rows[0]?.whole) return;
    await sleep(SETTLING_MS);
  }
  throw new Error(`${table} is held up by somebody's transaction`);
}

function expression({ name, type, allowed }: Column, values: Record<string, string>, [main, other]: [string, string]) {
  const given = values[name];
  if (given) return given;
  if (name === 'id') return 'row_id(i)';
  if (name === 'tenant_id') return `case when i % 10 = 0 then '${other}' else '${main}' end::uuid`;
  if (name === 'created_at') return `timestamptz '2026-01-01 00:00Z' + i * interval '1 second'`;
  if (allowed !== null) return `'${allowed}'`;
  return ANY[type] ?? (type.endsWith('[]') ? `'{}'` : `'x' || i`);
}

/** By type. */
const ANY: Record<string, string> = {
  uuid: 'row_id(i)',
  integer: '1',
  bigint: '1',
  boolean: 'false',
  jsonb: `'{}'`,
  character: `'USD'`,
  'character varying': `'USD'`,
  bytea: `'\\x00'`,
  'timestamp with time zone': 'now()',
};

/** What the lists of a row's own lead through. */
export async function seedParents(owner: Client, tenantId: string): Promise<void> {
  await owner.query('set session_replication_role = replica');
  const product = `insert into product (id, tenant_id, name, type, sku, metadata, billing_cycles) values ('${ONE}',
    '${tenantId}', 'One', 'email', 'ONE', '{"quotaMb": 1}', '[{"cycle": "monthly", "amount": 1, "currency": "USD"}]')`;
  await owner.query(`${product} on conflict do nothing`);
  const zone = `insert into dns_zone (id, tenant_id, name, status) values ('${ONE}', '${tenantId}', 'one.example', 'active')`;
  await owner.query(`${zone} on conflict do nothing`);
  const domain = `insert into email_domain (id, tenant_id, customer_id, domain_id, product_id, name, dkim_selector)
    values ('${ONE}', '${tenantId}', '${ONE}', '${ONE}', '${ONE}', 'one.example', 's')`;
  await owner.query(`${domain} on conflict do nothing`);
  await owner.query('set session_replication_role = default');
}
