import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Deps } from '../../activities/deps.ts';
import { runComparer } from '../../activities/reconcile/runs.ts';
import type { DriftKind } from '../../core/drift.ts';
import { openAsOwner } from '../../db/config.ts';
import { Finding, Job, Outbox, Tenant } from '../../db/entities/index.ts';
import { deleteDead } from '../../db/queries/dead-rows.ts';
import { newId } from '../../runtime/ids.ts';
import { runsOf } from '../../runtime/runs.ts';
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

const LONG_AGO = new Date(Date.now() - 90 * 86_400_000);

async function job(fields: Partial<Job> = {}) {
  const id = newId();
  const workflowId = `dns_apply/${tenantId}/${id}`;
  const row = { id, workflowId, tenantId, targetId: newId(), type: 'dns_apply', status: 'running' as const };
  await orm.em.fork().insert(Job, { ...row, createdAt: LONG_AGO, updatedAt: LONG_AGO, ...fields });
  return { id, workflowId };
}

const sent = (workflowId: string, kind: 'start' | 'signal' = 'start') =>
  orm.em.fork().insert(Outbox, {
    ...{ id: newId(), tenantId, workflowId, kind, eventId: kind, name: 'dns_apply' },
    ...{ args: [], state: 'sent', createdAt: LONG_AGO },
  });

const seenEnded = async ({ id, workflowId }: { id: string; workflowId: string }) => {
  const about = { system: 'temporal' as const, kind: 'run_ended' as const, subject: workflowId };
  await orm.em.fork().insert(Finding, { id: newId(), tenantId, ...about, text: 'ended', evidence: {}, jobId: id });
};

/** What the reconciler makes of a job whose run the server does not know. */
async function drift(workflowId: string): Promise<DriftKind[]> {
  const runs = { read: async () => ({ state: 'absent' as const }) };
  const deps = { em: () => orm.em.fork(), config: { RETRY_SCALE: 1 }, runs } as unknown as Deps;
  const kinds: DriftKind[] = [];
  for (const kind of ['run_missing', 'run_ended'] as const)
    if (await runComparer(deps).again({ kind, subject: workflowId })) kinds.push(kind);
  return kinds;
}

describe('a run that the server does not know any more', () => {
  test('is begun again where nobody has ended it', async () => {
    const { workflowId } = await job();
    await sent(workflowId);
    expect(await drift(workflowId)).toEqual(['run_missing']);
  });

  test('stays ended where somebody has ended it: that the server has forgotten it is no reason to begin it again', async () => {
    const one = await job();
    await sent(one.workflowId);
    await seenEnded(one);
    expect(await drift(one.workflowId)).toEqual(['run_ended']);
  });

  test('is for its parent to begin again while that goes on, and shown when nobody will', async () => {
    const [going, over] = [await job(), await job({ status: 'completed', endedAt: LONG_AGO })];
    const child = async (parentJobId: string) => drift((await job({ parentJobId })).workflowId);
    expect(await child(going.id)).toEqual([]);
    expect(await child(over.id)).toEqual(['run_ended']);
  });

  test('has its start and what it was told still, however old, as long as its job goes on', async () => {
    const [going, over] = [await job(), await job({ status: 'completed', endedAt: LONG_AGO })];
    for (const { workflowId } of [going, over])
      for (const kind of ['start', 'signal'] as const) await sent(workflowId, kind);
    const ages = { CLEANUP_SECONDS: 60, OUTBOX_KEEP_SECONDS: 86_400 };
    await orm.em.fork().transactional((tx) => deleteDead(tx, 'outbox', ages));
    const left = async (workflowId: string) =>
      (await orm.em.fork().find(Outbox, { workflowId }, { orderBy: { id: 'asc' } })).map(({ kind }) => kind);
    expect([await left(going.workflowId), await left(over.workflowId)]).toEqual([['start', 'signal'], []]);
  });
});

test('runs of a neighbour in the same namespace are not looked at', async () => {
  const queries: string[] = [];
  const workflow = {
    async *list({ query }: { query: string }) {
      queries.push(query);
      yield { workflowId: 'one' };
    },
  };
  const open = runsOf({ client: async () => ({ workflow }) as never }, 'ours').open();
  for await (const id of open) expect(id).toBe('one');
  expect(queries).toEqual([expect.stringContaining("TaskQueue = 'ours'")]);
});
