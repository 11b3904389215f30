import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Migration } from '@mikro-orm/migrations';
import type { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { openAsOwner } from '../../db/config.ts';
import { migrateUp } from '../../db/migrate.ts';
import { freshDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';

// A migration that met somebody who wrote in the other order ended in a deadlock.

class TwoTables extends Migration {
  override up(): void {
    for (const table of ['job', 'orders']) this.addSql(`alter table "${table}" add column "of_two" text`);
  }
}

let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
let writer: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openAsOwner({ url: database.url, pool: 2 });
  const migrationsList = [{ name: 'Migration29991231235959_two_tables', class: TwoTables }];
  orm.config.set('migrations', { ...orm.config.get('migrations'), migrationsList });
  writer = new pg.Client({ connectionString: database.url });
  await writer.connect();
});
afterAll(async () => {
  await writer.end();
  await orm.close(true);
  await database.drop();
});

test('it is tried again', async () => {
  await writer.query('begin');
  await writer.query('lock table orders in row exclusive mode');
  const migrating = migrateUp(orm);
  await until('it waits for the writer', async () => {
    const { rows } = await writer.query('select from pg_locks where not granted and relation = $1::regclass', [
      'orders',
    ]);
    return rows.length > 0;
  });
  await writer.query('lock table job in row exclusive mode');
  await writer.query('commit');
  expect(await migrating).toEqual(['Migration29991231235959_two_tables']);
}, 60_000);
