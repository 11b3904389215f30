import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner } from '../../db/config.ts';
import { Job, Outbox, Tenant } from '../../db/entities/index.ts';
import type { Engine } from '../../runtime/engine.ts';
import { newId } from '../../runtime/ids.ts';
import { createLogger } from '../../runtime/logger.ts';
import { sweep } from '../../workers/dispatcher.ts';
import type { Decision } from '../../workflows/catalog.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
const tenantId = newId();
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openAsOwner({ url: database.url, pool: 4 });
  await orm.em.fork().insert(Tenant, { id: tenantId, name: 'host' });
});
afterAll(async () => {
  await orm.close(true);
  await database.drop();
});

const engine = { deliver: async () => 'nobody' } as unknown as Engine;

/** Tells a job something that finds no run of it. */
async function told(kind: Decision['kind'], job: Partial<Job> = {}) {
  const [id, outboxId] = [newId(), newId()];
  const workflowId = `cloudpod_provision/${tenantId}/${id}`;
  const row = { id, tenantId, workflowId, type: 'cloudpod_provision', targetId: newId(), status: 'blocked' as const };
  const em = orm.em.fork();
  await em.insert(Job, { ...row, ...job });
  const decision: Decision = { eventId: newId(), kind, reason: 'not wanted', step: 'start' };
  await em.insert(Outbox, {
    ...{ id: outboxId, tenantId, workflowId, kind: 'signal', eventId: decision.eventId, name: 'decide' },
    ...{ args: [decision], nextAt: new Date(0) },
  });
  await sweep(orm, engine, createLogger('test', 'silent'));
  const { undoing } = await em.findOneOrFail(Job, { id });
  const { state } = await em.findOneOrFail(Outbox, { id: outboxId });
  return { undoing: undoing ?? null, state };
}

test('a job that is given up while its run is gone begins anew with being undone', async () => {
  expect(await told('give-up')).toEqual({ undoing: 'not wanted', state: 'sent' });
});

test('and keeps why it was being undone before', async () => {
  const job = { status: 'compensating' as const, undoing: 'refused' };
  expect(await told('give-up', job)).toEqual({ undoing: 'refused', state: 'dead' });
});

test('what has ended is not undone by it', async () => {
  const job = { status: 'completed' as const, endedAt: new Date() };
  expect(await told('give-up', job)).toEqual({ undoing: null, state: 'dead' });
});

test('a retry or a skip that nobody heard changes nothing', async () => {
  for (const kind of ['retry', 'skip'] as const) expect(await told(kind)).toEqual({ undoing: null, state: 'dead' });
});
