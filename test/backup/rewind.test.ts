import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner } from '../../db/config.ts';
import { Job, Outbox, Tenant } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { FORMAT, type Manifest } from '../../scripts/backup/manifest.ts';
import { putRight } from '../../scripts/backup/rewind.ts';
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts';

let database: FreshDatabase;
let orm: MikroORM;
const tenantId = newId();
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openAsOwner({ url: database.url, pool: 2 });
  await orm.em.fork().insert(Tenant, { id: tenantId, name: 'mpanel' });
});
afterAll(async () => {
  await orm.close(true);
  await database.drop();
});

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);

async function parcel(name: string, createdAt: Date, state: Outbox['state']): Promise<string> {
  const id = newId();
  const nextAt = createdAt;
  await orm.em
    .fork()
    .insert(Outbox, { id, workflowId: name, kind: 'start', eventId: name, name, args: [], state, createdAt, nextAt });
  return id;
}

async function order(status: Job['status']): Promise<string> {
  const id = newId();
  const workflowId = `order_fulfil/${id}`;
  await orm.em.fork().insert(Job, { id, tenantId, targetId: newId(), type: 'order_fulfil', status, workflowId });
  return workflowId;
}

test('what Temporal’s copy may not know is sent again, and every waiting order looks at its payments', async () => {
  const waiting = await parcel('waited, sent after the copy', hoursAgo(30), 'sent');
  await parcel('sent long before', hoursAgo(30), 'sent');
  await parcel('sent after the copy', hoursAgo(1), 'sent');
  await parcel('under way at the copy', hoursAgo(2.5), 'sent');
  await parcel('nobody was there', hoursAgo(1), 'dead');
  const [running, ended] = [await order('running'), await order('completed')];
  const manifest: Manifest = {
    ...{
      format: FORMAT,
      version: '0',
      createdAt: hoursAgo(2).toISOString(),
      schema: [],
      keyIds: [],
      dumps: [],
      files: [],
    },
    ...{ postgres: null, temporal: null, outbox: { since: hoursAgo(2).toISOString(), waiting: [waiting] } },
  };
  const connection = orm.em.fork().getConnection();
  for (const statement of [...putRight(manifest), ...putRight(manifest)]) await connection.execute(statement);

  const due = await orm.em.fork().find(Outbox, { state: 'pending' }, { orderBy: { id: 'asc' } });
  expect(
    due
      .filter(({ kind }) => kind === 'start')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['sent after the copy', 'under way at the copy', 'waited, sent after the copy']);
  const signals = due.filter(({ kind }) => kind === 'signal');
  expect(signals).toMatchObject([
    { workflowId: running, name: 'payment', args: [expect.stringContaining('restored')] },
  ]);
  expect(signals.map(({ workflowId }) => workflowId)).not.toContain(ended);
  // Starts go first: the dispatcher sends in the order of ids.
  expect(due.at(-1)).toMatchObject({ kind: 'signal' });
});
