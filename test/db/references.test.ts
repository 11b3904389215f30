import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { freshDatabase } from '../support/postgres.ts';

/**
 * References whose column no index begins with, or has after the tenant. Of a tenant everything is: that is found by
 * something narrower.
 */
const UNINDEXED = `
  select c.conrelid::regclass || '.' || a.attname as reference from pg_constraint c
  join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
  where c.contype = 'f' and c.confrelid <> 'tenant'::regclass
    and not exists (
      select from pg_index i join pg_attribute f on f.attrelid = i.indrelid and f.attnum = i.indkey[0]
      where i.indrelid = c.conrelid and i.indpred is null and (f.attnum = a.attnum or f.attname = 'tenant_id' and i.indkey[1] = a.attnum))
  order by 1`;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const unindexed = async () => (await client.query<{ reference: string }>(UNINDEXED)).rows.map((row) => row.reference);

test('what refers to a row is found by an index', async () => {
  expect(await unindexed()).toEqual([]);
});

test('one without is seen', async () => {
  await client.query('drop index checkout_session_invoice_id_index');
  expect(await unindexed()).toEqual(['checkout_session.invoice_id']);
});
