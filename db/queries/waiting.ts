import type { EntityManager } from '@mikro-orm/postgresql';
import { SIGNALS } from '../../workflows/catalog.ts';
import { Job, Outbox } from '../entities/index.ts';
import { asPlatform } from '../tenant-scope.ts';
import { enqueueSignal } from './outbox.ts';

/** Tells the jobs that wait for capacity to look again, in the caller's transaction. `cause` makes each telling one of its own. */
export function wakeWaiting(em: EntityManager, cause: string): Promise<void> {
  return asPlatform('whoever waits for capacity may be of any tenant', () => wake(em, cause));
}

async function wake(em: EntityManager, cause: string): Promise<void> {
  const waiting = await em.find(
    Job,
    {
      status: 'blocked',
      type: { $in: ['cloudpod_provision', 'addon_ip'] },
      step: { $in: ['hold capacity', 'hold address'] },
    },
    { orderBy: { id: 'asc' }, limit: 100 },
  );
  const eventId = `capacity/${cause}`;
  const told = await em.find(Outbox, {
    kind: 'signal',
    eventId,
    workflowId: { $in: waiting.map((job) => job.workflowId) },
  });
  const deaf = new Set(told.map((row) => row.workflowId));
  for (const { workflowId } of waiting)
    if (!deaf.has(workflowId)) enqueueSignal(em, workflowId, SIGNALS.capacity, eventId, []);
  await em.flush();
}
