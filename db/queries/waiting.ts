import type { EntityManager } from '@mikro-orm/postgresql';
import { SIGNALS } from '../../workflows/catalog.ts';
import { Job } from '../entities/index.ts';
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
  for (const job of waiting) enqueueSignal(em, job.workflowId, SIGNALS.capacity, `capacity/${cause}`, []);
  await em.flush();
}
