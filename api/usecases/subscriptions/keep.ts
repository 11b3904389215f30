import { AppError } from '../../../core/app-error.ts';
import { Instance, type Job, type Subscription } from '../../../db/entities/index.ts';
import { enqueueSignal } from '../../../db/queries/outbox.ts';
import { lockRow } from '../../../db/queries/rows.ts';
import { cancellation, lockSubscription } from '../../../db/queries/subscriptions.ts';
import { SIGNALS } from '../../../workflows/catalog.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { type Change, change } from '../change.ts';
import { requireIdle, requireState } from '../idle.ts';

/** Takes a cancellation back: before the end, or in the undo window after it, when what stood suspended starts again. */
export function keepSubscription(ctx: Context, id: string): Promise<{ subscription: Subscription; job: Job }> {
  return change(ctx, async (tx) => {
    const subscription = seen(ctx, await lockSubscription(tx.em, ctx.scope, id));
    const job = await cancellation(tx.em, id);
    if (!job) throw new AppError('WRONG_STATE', 'This subscription is not being cancelled.');
    if (subscription.status === 'cancelled') await wake(tx, subscription);
    Object.assign(subscription, { status: 'active', cancelAtPeriodEnd: false, cancelledAt: null });
    const eventId = tx.audit('subscription.kept', id);
    tx.send(enqueueSignal(tx.em, job.workflowId, SIGNALS.keep, eventId, [eventId]));
    return { subscription, job };
  });
}

/** While it is being stopped it cannot be started: what is asked last would not be what is done last. */
async function wake(tx: Change, { resourceId, customerId }: Subscription): Promise<void> {
  const instance = await lockRow(tx.em, Instance, { id: resourceId });
  if (!instance) return;
  await requireIdle(tx, resourceId);
  requireState(instance.status, ['suspended']);
  tx.start({ type: 'cloudpod_unsuspend', targetId: resourceId, customerId });
}
