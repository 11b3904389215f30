import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner } from '../../db/config.ts';
import { migrateDown, migrateUp, pendingMigrations, schemaDrift } from '../../db/migrate.ts';
import { freshDatabase } from '../support/postgres.ts';

let orm: MikroORM;
let drop: () => Promise<unknown>;

beforeAll(async () => {
  const database = await freshDatabase({ empty: true });
  drop = database.drop;
  orm = await openAsOwner({ url: database.url, pool: 2 });
});
afterAll(async () => {
  await orm.close(true);
  await drop();
});

async function tables(): Promise<string[]> {
  const rows = await orm.em
    .fork()
    .getConnection()
    .execute<{ name: string }[]>(
      `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
    );
  return rows.map((row) => row.name).filter((name) => name !== 'mikro_orm_migrations');
}

test('migrations run up, down and up again, and make what the entities say', async () => {
  expect(await pendingMigrations(orm)).not.toEqual([]);
  await migrateUp(orm);
  expect(await pendingMigrations(orm)).toEqual([]);
  expect(await schemaDrift(orm)).toBe('');
  const made = await tables();
  expect(made.length).toBeGreaterThan(30);

  await migrateDown(orm);
  expect(await tables()).toEqual([]);

  await migrateUp(orm);
  expect(await tables()).toEqual(made);
  expect(await schemaDrift(orm)).toBe('');
});

test('what searches customers is after a step back what it was before', async () => {
  const words = 'Migration20261123084800_customer_words';
  const { name: before } = (await orm.migrator.getExecuted()).findLast(({ name }) => name < words)!;
  const search = () => orm.em.fork().execute(`select pg_get_functiondef('customer_search'::regproc) as is`);
  await migrateDown(orm);
  await orm.migrator.up({ to: before });
  const was = await search();
  await orm.migrator.up({ to: words });
  expect(await search()).not.toEqual(was);
  await orm.migrator.down({ to: before });
  expect(await search()).toEqual(was);
  await migrateUp(orm);
});

test('a table that differs from its entity is seen', async () => {
  await orm.em.fork().getConnection().execute('alter table tenant drop column status');
  expect(await schemaDrift(orm)).toContain('status');
});
