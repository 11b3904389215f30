import { NotNow, Refused } from '../core/errors.ts';
import { Instance, Job, Order } from '../db/entities/index.ts';
import { holdCapacity, releaseCapacity } from '../db/queries/capacity.ts';
import { first, get, set } from '../db/queries/entity.ts';
import { inTurn } from '../db/queries/instances.ts';
import { wakeWaiting } from '../db/queries/waiting.ts';
import type { StepActivities, StepRef } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';

const HOUR_MS = 3_600_000;

export function capacityActivities(deps: Deps) {
  return {
    /** A short pool is waited for, in the order in which the waiting ones were paid, until the deadline has passed. */
    async holdCapacity(ref) {
      const em = deps.em();
      const instance = await get(em, Instance, ref.targetId);
      const shortage = await em.transactional(async (tx) => {
        const may = instance.vmid !== null || (await inTurn(tx, instance.id));
        const held = may ? await holdCapacity(tx, instance.id) : 'others were first';
        if (typeof held === 'string') return held;
        await set(tx, Instance, { id: instance.id, status: 'pending' }, { status: 'provisioning' });
        return undefined;
      });
      if (shortage) await waitForCapacity(deps, ref, shortage);
    },

    /** Quarantines the address and the VMID, and wakes who waits for them. */
    async releaseCapacity(ref) {
      await deps.em().transactional(async (tx) => {
        await releaseCapacity(tx, ref.targetId, deps.config.QUARANTINE_SECONDS);
        await set(
          tx,
          Instance,
          { id: ref.targetId, status: { $in: ['pending', 'provisioning', 'active'] } },
          { status: 'failed' },
        );
        await wakeWaiting(tx, ref.jobId);
      });
    },
  } satisfies Partial<StepActivities>;
}

/** Throws: not now, or not at all once it was waited for too long. */
export async function waitForCapacity(deps: Deps, ref: StepRef, shortage: string): Promise<never> {
  const em = deps.em();
  const order = ref.orderId ? await first(em, Order, { id: ref.orderId }) : null;
  const since = order?.paidAt ?? (await get(em, Job, ref.jobId)).createdAt;
  const waited = Date.now() - since.getTime();
  if (waited > deps.config.CAPACITY_WAIT_SECONDS * 1000) throw new Refused(`${shortage} became available in time`);
  const ms = Math.min(HOUR_MS, Math.max(5_000, waited / 4)) * deps.config.RETRY_SCALE;
  // It grows by itself.
  throw new NotNow(shortage, ms, ms);
}
