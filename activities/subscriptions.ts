import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { EmailDomain, Instance, InstanceAddon, Subscription } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { first, get, set } from '../db/queries/entity.ts';
import { startJob } from '../db/queries/jobs.ts';
import { wasTold } from '../db/queries/outbox.ts';
import { cancelRenewals } from '../db/queries/renewals.ts';
import { suspendService } from '../db/queries/services.ts';
import { type JobType, jobWorkflowId, SIGNALS } from '../workflows/catalog.ts';
import type { AskActivities, StepActivities, StepRef } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';

export function subscriptionActivities(deps: Deps) {
  return {
    /** When the step after this is due: the end of the paid period, then the end of the undo window. */
    async subscriptionEnd(ref) {
      const row = await get(deps.em(), Subscription, ref.targetId);
      if (row.status === 'cancelled')
        return new Date(
          (row.cancelledAt ?? new Date()).getTime() + deps.config.CANCEL_UNDO_SECONDS * 1000,
        ).toISOString();
      return (row.cancelAtPeriodEnd && row.renewsAt ? row.renewsAt : new Date()).toISOString();
    },

    /** Not paid for from here on. A guest is stopped, mailboxes are closed, both kept for the undo window. */
    async endSubscription(ref) {
      await deps.em().transactional(async (tx) => {
        const row = await locked(tx, ref.targetId);
        if (await takenBack(tx, ref)) return;
        const moved = await set(
          tx,
          Subscription,
          { id: row.id, status: { $ne: 'cancelled' } },
          { status: 'cancelled', cancelledAt: new Date() },
        );
        if (!moved) return;
        audit(tx, {
          tenantId: row.tenantId,
          action: 'subscription.ended',
          resourceType: 'subscription',
          resourceId: row.id,
        });
        await cancelRenewals(tx, [row.id]);
        await suspendService(tx, row, 'cancelled', ref.jobId);
      });
    },

    /** What was paid for goes; a registered domain runs out by itself. */
    async destroyService(ref) {
      await deps.em().transactional(async (tx) => {
        const { tenantId, customerId, resourceId: targetId, status } = await locked(tx, ref.targetId);
        if (status !== 'cancelled') return;
        const type = await beginEnd(tx, targetId);
        if (type) startJob(tx, { type, tenantId, targetId, customerId, parentJobId: ref.jobId });
      });
    },
  } satisfies Partial<StepActivities & AskActivities>;
}

/** As it is now, and until this is over: taking a cancellation back locks it too. */
async function locked(tx: EntityManager, id: string): Promise<Subscription> {
  return tx.findOneOrFail(Subscription, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
}

/** The signal may still be on its way while the row says no more than that nothing is cancelled at the period's end. */
const takenBack = (tx: EntityManager, ref: StepRef) => wasTold(tx, jobWorkflowId(ref), SIGNALS.keep);

/** Marks what is to go, and answers the job by which it goes; undefined for what stays, or goes already. */
async function beginEnd(tx: EntityManager, id: string): Promise<JobType | undefined> {
  const live = { id, status: { $in: ['active' as const, 'suspending' as const, 'suspended' as const] } };
  if (await set(tx, Instance, live, { status: 'deleting' })) return 'cloudpod_delete';
  if (await set(tx, EmailDomain, { id, status: { $in: ['active', 'suspended'] } }, { status: 'deleting' }))
    return 'email_detach';
  return (await first(tx, InstanceAddon, { id, status: 'active' })) ? 'addon_remove' : undefined;
}
