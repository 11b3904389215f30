import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner, openDatabase } from '../../db/config.ts';
import { Job, Outbox, SystemEvent, Tenant } from '../../db/entities/index.ts';
import { measureBacklog, tellDelay } from '../../db/queries/backlog.ts';
import { type JobChange, projectJobRow } from '../../db/queries/projection.ts';
import { asPlatform, asTenant } from '../../db/tenant-scope.ts';
import { newId } from '../../runtime/ids.ts';
import { freshDatabase } from '../support/postgres.ts';
import { counted } from './support/counted.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
let worker: MikroORM;
const tenantId = newId();
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openAsOwner({ url: database.url, pool: 2 });
  worker = await openDatabase({ url: database.url, pool: 2 });
  await orm.em.fork().insert(Tenant, { id: tenantId, name: 'host' });
});
afterAll(async () => {
  await worker.close(true);
  await orm.close(true);
  await database.drop();
});

const events = () => orm.em.fork().find(SystemEvent, {}, { orderBy: { createdAt: 'asc', id: 'asc' } });

async function job(type: string, parentJobId: string | null = null) {
  const id = newId();
  const row = { id, tenantId, type, parentJobId, targetId: newId(), workflowId: `${type}/${tenantId}/${id}` };
  await orm.em.fork().insert(Job, { ...row, status: 'running' });
  return id;
}

/** As a worker writes it: with its tenant's rows alone. */
function projected(jobId: string, status: string, reason: string | null = null) {
  const blocks = status === 'blocked' ? [{ step: 'start', reason: reason ?? '', decisions: [] }] : [];
  const step = blocks[0]?.step ?? null;
  const change: JobChange = { jobId, status, step, reason, blocks, ended: /^(failed|comp.*ted)$/.test(status) };
  return asTenant(tenantId, () => worker.em.fork().transactional((tx) => projectJobRow(tx, change)));
}

/** As the dispatchers look every few seconds. */
const look = () =>
  asPlatform('a test', async () => tellDelay(worker.em.fork(), await measureBacklog(worker.em.fork())));

const toldOf = async (jobId: string) =>
  (await events()).filter(({ data }) => data.jobId === jobId).map(({ type, message }) => `${type} ${message}`);

test('a job that stands still is told once for each reason, its parent never; its end once', async () => {
  const parent = await job('order_fulfil');
  const id = await job('cloudpod_provision', parent);
  await projected(id, 'blocked', 'no answer');
  await projected(id, 'blocked', 'no answer');
  await projected(id, 'running');
  await projected(id, 'blocked', 'no answer');
  await projected(id, 'blocked', 'no room'.padEnd(4_000, '.'));
  await projected(id, 'compensating', 'not wanted');
  await projected(id, 'compensated', 'not wanted');
  await projected(id, 'compensated', 'not wanted');
  await projected(id, 'blocked', 'too late');
  expect(await toldOf(id)).toEqual([
    'job.blocked cloudpod_provision is blocked: start: no answer',
    expect.stringMatching(/^job\.blocked cloudpod_provision is blocked: start: no room\.{3993}$/),
    'job.compensated cloudpod_provision is compensated: not wanted',
  ]);
  expect(await toldOf(parent)).toEqual([]);
  const [first] = await events();
  const data = { jobId: id, type: 'cloudpod_provision', step: 'start', reason: 'no answer' };
  expect(first).toMatchObject({ tenantId, level: 'warning', data });
});

test('a failure is an error; a job that is done is nothing to tell', async () => {
  const [done, failed] = [await job('dns_apply'), await job('dns_apply')];
  await projected(done, 'completed');
  await projected(failed, 'failed', 'no');
  expect(await toldOf(done)).toEqual([]);
  expect((await events()).find(({ data }) => data.jobId === failed)).toMatchObject({
    type: 'job.failed',
    level: 'error',
  });
});

test('what Temporal is not told in time is told to operators once, and that it is again', async () => {
  const queue = async () => (await events()).filter(({ type }) => type.startsWith('queue.')).map(({ type }) => type);
  const waits = (seconds: number) => {
    const row = { id: newId(), tenantId, kind: 'start' as const, name: 'dns_apply', args: [] };
    const createdAt = new Date(Date.now() - seconds * 1_000);
    return orm.em.fork().insert(Outbox, { ...row, workflowId: row.id, eventId: row.id, createdAt });
  };
  const sent = () => orm.em.fork().nativeUpdate(Outbox, {}, { state: 'sent' });

  await waits(30);
  await look();
  expect(await queue()).toEqual([]);
  await waits(120);
  await look();
  await waits(240);
  await look();
  expect(await queue()).toEqual(['queue.delayed']);
  await sent();
  await look();
  await look();
  expect(await queue()).toEqual(['queue.delayed', 'queue.caught_up']);
  await waits(90);
  await look();
  expect(await queue()).toEqual(['queue.delayed', 'queue.caught_up', 'queue.delayed']);
});

test('what was told last is found among a hundred thousand events by a look at a few of them', async () => {
  // All delays are long ago: who goes back in time to find one meets everything else first.
  await orm.em.fork().nativeDelete(SystemEvent, {});
  await orm.em.fork().execute(
    `insert into system_event (id, type, level, key, message, created_at)
     select gen_random_uuid(), case when i > 98000 then (array['queue.delayed', 'queue.caught_up'])[1 + i % 2] else 'job.failed' end,
       'info', 'seeded ' || i, 'm', now() - make_interval(secs => i) from generate_series(1, 100000) i`,
  );
  await orm.em.fork().execute('analyze system_event');
  const rows = await asPlatform('a test', () =>
    worker.em.fork().transactional(async (tx) => {
      const backlog = { pending: 1, oldestSeconds: 90, since: 'then', blocked: 0 };
      const before = await counted(tx, 'system_event');
      await tellDelay(tx, backlog);
      return (await counted(tx, 'system_event')) - before;
    }),
  );
  expect(rows).toBeGreaterThan(0);
  expect(rows).toBeLessThan(10);
});
