import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { openDatabase } from '../../db/config.ts';
import { isScopeRefused } from '../../db/errors.ts';
import { sql } from '../../db/queries/rows.ts';
import { TABLE_ACCESS, type TableAccess } from '../../db/table-access.ts';
import { asPlatform, asTenant } from '../../db/tenant-scope.ts';
import { freshDatabase } from '../support/postgres.ts';
import { type RowMaker, rowMaker } from './support/rows.ts';

const [A, B] = [randomUUID(), randomUUID()];
let database: Awaited<ReturnType<typeof freshDatabase>>;
let owner: pg.Client;
/** As any process of ours. */
let orm: MikroORM;
let ofA: RowMaker;
let ofB: RowMaker;

beforeAll(async () => {
  database = await freshDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  // Rows of every table, as they are: no trigger tells of them, or takes them away.
  await owner.query('set session_replication_role = replica');
  orm = await openDatabase({ url: database.url, pool: 4 });
  [ofA, ofB] = [rowMaker(owner, A), rowMaker(owner, B)];
  for (const maker of [ofA, ofB]) for (const table of held) await maker.row(table);
});
afterAll(async () => {
  await orm.close(true);
  await owner.end();
  await database.drop();
});

const tables = (...kinds: TableAccess['kind'][]) =>
  Object.keys(TABLE_ACCESS).filter((table) => kinds.includes(TABLE_ACCESS[table]!.kind));
/** Those that hold rows of tenants; the tenants themselves come first. */
const held = tables('tenant', 'child').sort((a, b) => Number(b === 'tenant') - Number(a === 'tenant'));
const appendOnly = held.filter((table) => {
  const { appendOnly, readOnly } = TABLE_ACCESS[table] as { appendOnly?: true; readOnly?: true };
  return appendOnly || readOnly;
});
const readOnly = held.filter((table) => (TABLE_ACCESS[table] as { readOnly?: true }).readOnly);

const ask = <T>(text: string, params: unknown[] = []) => sql<T>(orm.em.fork(), text, params);
const seen = async (table: string) =>
  (await ask<{ ctid: string }>(`select ctid::text as ctid from "${table}"`)).map(({ ctid }) => ctid).sort();
const refused = expect.objectContaining({ code: '42501' });

describe('the catalogue', () => {
  test('says of every table who sees it, and the database holds to it', async () => {
    const { rows } = await owner.query<{ name: string; secured: boolean; policies: string[] }>(
      `select c.relname as name, c.relrowsecurity as secured,
         (select array_agg(p.polname::text order by p.polname) from pg_policy p where p.polrelid = c.oid) as policies
       from information_schema.tables t join pg_class c on c.oid = format('%I.%I', t.table_schema, t.table_name)::regclass
       where t.table_schema = 'public' and t.table_type = 'BASE TABLE' order by 1`,
    );
    expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(TABLE_ACCESS).sort());
    const wanted = ({ kind }: TableAccess) => (kind === 'platform' ? ['platform'] : ['platform', 'tenant']);
    for (const { name, ...rest } of rows)
      expect({ name, ...rest }).toEqual({ name, secured: true, policies: wanted(TABLE_ACCESS[name]!) });
  });

  test('a table with a tenant’s id is no platform’s table', async () => {
    const { rows } = await owner.query<{ name: string }>(
      `select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'tenant_id'`,
    );
    for (const { name } of rows) expect({ name, ...TABLE_ACCESS[name] }).toMatchObject({ name, kind: 'tenant' });
  });
});

test('no process asks as an owner, a superuser or around the policies', async () => {
  const who = `select current_user as name, rolsuper or rolbypassrls or rolcreaterole as strong,
    exists (select from pg_class where relowner = r.oid) as owns from pg_roles r where rolname = current_user`;
  expect(await ask(who)).toEqual([{ name: 'mpanel_app', strong: false, owns: false }]);
  expect(await asTenant(A, () => ask(who))).toEqual([{ name: 'mpanel_app', strong: false, owns: false }]);
  expect(await asPlatform('test', () => ask(who))).toEqual([{ name: 'mpanel_platform', strong: false, owns: false }]);
});

describe.each(held)('%s without any filter', (table) => {
  test('shows each tenant its own rows, nobody none, the platform all', async () => {
    const [a, b] = [(await ofA.row(table)).ctid, (await ofB.row(table)).ctid];
    expect(await asTenant(A, () => seen(table))).toEqual([a]);
    expect(await asTenant(B, () => seen(table))).toEqual([b]);
    expect(await seen(table)).toEqual([]);
    expect(await asTenant(randomUUID(), () => seen(table))).toEqual([]);
    expect(await asPlatform('test', () => seen(table))).toEqual(expect.arrayContaining([a, b]));
  });

  test('takes no row for another tenant', async () => {
    const { text, values } = await ofB.statement(table);
    const numbered = text.replaceAll(/\$\d+/g, '?');
    await expect(asTenant(A, () => ask(numbered, values))).rejects.toEqual(refused);
    await expect(ask(numbered, values)).rejects.toEqual(refused);
  });

  test('lets nobody change, move or delete another’s row', async () => {
    const access = TABLE_ACCESS[table] as { column: string };
    const { ctid } = await ofB.row(table);
    const at = `where ctid = '${ctid}'`;
    const change = () => ask(`update "${table}" set "${access.column}" = "${access.column}" ${at} returning 1`);
    const remove = () => ask(`delete from "${table}" ${at} returning 1`);
    if (appendOnly.includes(table)) {
      await expect(asTenant(A, change)).rejects.toEqual(refused);
      await expect(asTenant(A, remove)).rejects.toEqual(refused);
      return;
    }
    expect(await asTenant(A, change)).toEqual([]);
    expect(await asTenant(A, remove)).toEqual([]);
    const move = () => ask(`update "${table}" set "${access.column}" = ?`, [randomUUID()]);
    await expect(asTenant(A, move)).rejects.toEqual(refused);
  });
});

test.each(tables('shared'))('%s is read by tenants and written by none', async (table) => {
  await asTenant(A, () => seen(table));
  await expect(asTenant(A, () => ask(`delete from "${table}"`))).rejects.toEqual(refused);
});

test.each(tables('platform'))('%s is not there for tenants', async (table) => {
  await expect(asTenant(A, () => seen(table))).rejects.toEqual(refused);
  await asPlatform('test', () => seen(table));
});

test.each(readOnly)('%s is written by no process', async (table) => {
  const { text, values } = await ofA.statement(table);
  const numbered = text.replaceAll(/\$\d+/g, '?');
  await expect(asTenant(A, () => ask(numbered, values))).rejects.toEqual(refused);
  await expect(asPlatform('test', () => ask(numbered, values))).rejects.toEqual(refused);
});

test.each(appendOnly)('%s is only added to, by the platform too', async (table) => {
  await expect(asPlatform('test', () => ask(`delete from "${table}"`))).rejects.toEqual(refused);
  await expect(asPlatform('test', () => ask(`truncate "${table}"`))).rejects.toEqual(refused);
});

test('a login that may not act for tenants is told so, and shown nothing', async () => {
  const name = `stranger_${randomUUID().slice(0, 8)}`;
  await owner.query(`create role ${name} login password 'stranger'`);
  const url = Object.assign(new URL(database.url), { username: name, password: 'stranger' });
  const stranger = await openDatabase({ url: url.href, pool: 1 });
  try {
    const asked = asTenant(A, () => stranger.em.fork().execute('select 1'));
    const error: unknown = await asked.catch((reason: unknown) => reason);
    expect(isScopeRefused(error)).toBe(true);
    expect(String(error)).toMatch(/permission denied to set role.*npm run migrate/);
  } finally {
    await stranger.close(true);
    await owner.query(`drop role ${name}`);
  }
});
