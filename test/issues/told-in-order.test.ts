import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner } from '../../db/config.ts';
import { Job, Outbox, Tenant } from '../../db/entities/index.ts';
import { claimDue, enqueueSignal, enqueueStart, markSent } from '../../db/queries/outbox.ts';
import { projectJobRow } from '../../db/queries/projection.ts';
import { wakeWaiting } from '../../db/queries/waiting.ts';
import { asPlatform } from '../../db/tenant-scope.ts';
import { newId } from '../../runtime/ids.ts';
import { jobWorkflowId, SIGNALS } from '../../workflows/catalog.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
let tenantId: string;
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openAsOwner({ url: database.url, pool: 4 });
  tenantId = newId();
  await orm.em.fork().insert(Tenant, { id: tenantId, name: 'host' });
});
afterAll(async () => {
  await orm.close(true);
  await database.drop();
});

const write = <T>(work: (em: MikroORM['em']) => T) =>
  asPlatform('a test', () => orm.em.fork().transactional(async (em) => work(em)));
const due = () =>
  write(async (em) => (await claimDue(em, 10)).map(({ kind, workflowId }) => `${kind} ${workflowId.split('/')[0]}`));

test('a signal waits for the start of its workflow, which is tried again later than it', async () => {
  const job = {
    jobId: newId(),
    type: 'order_fulfil' as const,
    tenantId,
    targetId: newId(),
    customerId: null,
    orderId: null,
  };
  const start = await write((em) => enqueueStart(em, job));
  await write((em) => enqueueSignal(em, jobWorkflowId(job), SIGNALS.cancel, newId(), []));
  const past = new Date(0);
  await orm.em.fork().nativeUpdate(Outbox, { kind: 'signal' }, { nextAt: past });
  expect(await due()).toEqual([]);
  await write((em) => markSent(em, start));
  expect(await due()).toEqual(['signal order_fulfil']);
});

test('who waits for capacity is told once of one release, however often it is repeated', async () => {
  const id = newId();
  const workflowId = `cloudpod_provision/${tenantId}/${id}`;
  const waits = { status: 'blocked', step: 'hold capacity', workflowId } as const;
  await orm.em.fork().insert(Job, { id, tenantId, type: 'cloudpod_provision', targetId: newId(), ...waits });
  await write((em) => wakeWaiting(em, 'a release'));
  await write((em) => wakeWaiting(em, 'a release'));
  expect(await orm.em.fork().count(Outbox, { workflowId })).toBe(1);
});

test('a job that has ended stays so, whatever a worker that was given up still writes', async () => {
  const id = newId();
  const job = {
    id,
    tenantId,
    type: 'dns_apply' as const,
    targetId: newId(),
    workflowId: `dns_apply/${tenantId}/${id}`,
  };
  await orm.em.fork().insert(Job, { ...job, status: 'running' });
  const change = { jobId: id, step: null, reason: null, blocks: [] };
  await write((em) => projectJobRow(em, { ...change, status: 'completed', ended: true }));
  await write((em) => projectJobRow(em, { ...change, status: 'running', ended: false }));
  expect(await orm.em.fork().findOneOrFail(Job, { id })).toMatchObject({
    status: 'completed',
    endedAt: expect.any(Date),
  });
});
