import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner, openDatabase } from '../../db/config.ts';
import { Job, Outbox, Tenant } from '../../db/entities/index.ts';
import { beginJobRow, projectJobRow } from '../../db/queries/projection.ts';
import { asTenant } from '../../db/tenant-scope.ts';
import type { Delivery, Engine } from '../../runtime/engine.ts';
import { newId } from '../../runtime/ids.ts';
import { createLogger } from '../../runtime/logger.ts';
import { sweep } from '../../workers/dispatcher.ts';
import type { Decision } from '../../workflows/catalog.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
let worker: MikroORM;
const tenantId = newId();
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openAsOwner({ url: database.url, pool: 4 });
  worker = await openDatabase({ url: database.url, pool: 2 });
  await orm.em.fork().insert(Tenant, { id: tenantId, name: 'host' });
});
afterAll(async () => {
  await worker.close(true);
  await orm.close(true);
  await database.drop();
});

/** A job that stands still, its run gone. */
async function blocked(fields: Partial<Job> = {}) {
  const id = newId();
  const workflowId = `cloudpod_provision/${tenantId}/${id}`;
  const row = { id, tenantId, workflowId, type: 'cloudpod_provision', targetId: newId(), status: 'running' as const };
  await orm.em.fork().insert(Job, { ...row, ...fields });
  await shown(id);
  return { id, workflowId };
}

async function shown(jobId: string, status = 'blocked') {
  const blocks = status === 'blocked' ? [{ step: 'start', reason: 'no answer', decisions: [] }] : [];
  await projectJobRow(orm.em.fork(), { jobId, status, step: 'start', reason: 'no answer', blocks, ended: false });
}

async function said(workflowId: string, kind: Decision['kind']) {
  const decision: Decision = { eventId: newId(), kind, reason: 'not wanted', step: 'start' };
  await orm.em.fork().insert(Outbox, {
    ...{ id: newId(), tenantId, workflowId, kind: 'signal', eventId: decision.eventId, name: 'decide' },
    ...{ args: [decision], nextAt: new Date(0) },
  });
}

/** Why its new run undoes it, read by a worker, which sees this tenant's rows alone. */
const begun = (jobId: string) => asTenant(tenantId, () => beginJobRow(worker.em.fork(), jobId));
const swept = (delivery: Delivery) => {
  const engine = { deliver: async () => delivery } as unknown as Engine;
  return sweep(worker, engine, createLogger('test', 'silent'));
};

test('a job that is given up while its run is gone begins anew with being undone, before anybody has swept', async () => {
  const { id, workflowId } = await blocked();
  await said(workflowId, 'give-up');
  expect(await begun(id)).toBe('not wanted');
  expect(await orm.em.fork().findOneOrFail(Job, { id })).toMatchObject({
    status: 'compensating',
    undoing: 'not wanted',
  });
  expect(await begun(id)).toBe('not wanted');
});

test.each<Delivery>(['nobody', 'sent'])(
  'and when the dispatcher was faster, and told it to a run: %s',
  async (delivery) => {
    const { id, workflowId } = await blocked();
    await said(workflowId, 'give-up');
    await swept(delivery);
    expect(await begun(id)).toBe('not wanted');
  },
);

test('and keeps why it was being undone before', async () => {
  const { id, workflowId } = await blocked({ undoing: 'refused' });
  await said(workflowId, 'give-up');
  expect(await begun(id)).toBe('refused');
});

test('a job that went on after it was given up is not undone by that later', async () => {
  const { id, workflowId } = await blocked();
  await said(workflowId, 'give-up');
  await shown(id, 'running');
  expect(await begun(id)).toBeUndefined();
  await shown(id);
  expect(await begun(id)).toBeUndefined();
});

test('a retry or a skip that nobody heard changes nothing, nor what was said to another job', async () => {
  const { id, workflowId } = await blocked();
  for (const kind of ['retry', 'skip'] as const) await said(workflowId, kind);
  await said((await blocked()).workflowId, 'give-up');
  expect(await begun(id)).toBeUndefined();
});
