import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner } from '../../db/config.ts';
import { migrateUp } from '../../db/migrate.ts';
import { verifyChain } from '../../db/queries/audit-chain.ts';
import { sql } from '../../db/queries/rows.ts';
import { newId } from '../../runtime/ids.ts';
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

test('events from before there were chains are chained, and what comes is added to them', async () => {
  await orm.migrator.up({ to: 'Migration20261123020100_node_load' });
  const em = orm.em.fork();
  const tenants = [newId(), newId()];
  for (const id of tenants) {
    await sql(em, `insert into tenant (id, name) values (?, 'T')`, [id]);
    await sql(
      em,
      `insert into audit_event (id, tenant_id, actor_id, action, resource_type, resource_id, metadata, address)
       select gen_random_uuid(), ?, case when n % 2 = 0 then gen_random_uuid() end, 'thing.made', 'thing', n::text,
         '{"quoted \\"ü\\"": [1.50, null]}', '::1' from generate_series(1, 50) n`,
      [id],
    );
  }
  await migrateUp(orm);
  for (const id of tenants) expect(await verifyChain(em, id)).toMatchObject({ seq: 50 });

  await sql(em, `update tenant set name = 'U' where id = ?`, [tenants[0]]);
  expect(await verifyChain(em, tenants[0] as string)).toMatchObject({ seq: 51 });

  await orm.migrator.down({ to: 'Migration20261123020100_node_load' });
  await migrateUp(orm);
  expect(await verifyChain(em, tenants[0] as string)).toMatchObject({ seq: 51 });
});
