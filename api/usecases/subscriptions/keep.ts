import { AppError } from '../../../core/app-error.ts';
import type { Job, Subscription } from '../../../db/entities/index.ts';
import { enqueueSignal } from '../../../db/queries/outbox.ts';
import { wakeService } from '../../../db/queries/services.ts';
import { cancellation, lockSubscription } from '../../../db/queries/subscriptions.ts';
import { SIGNALS } from '../../../workflows/catalog.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { type Change, change } from '../change.ts';
import { requireIdle } from '../idle.ts';

/**
 * Takes a cancellation back: before the end, or in the undo window after it, when what stood suspended for it starts again.
 * One that was cancelled for an unpaid renewal is suspended again, and asked for its money anew.
 */
export function keepSubscription(ctx: Context, id: string): Promise<{ subscription: Subscription; job: Job }> {
  return change(ctx, async (tx) => {
    const subscription = seen(ctx, await lockSubscription(tx.em, ctx.scope, id));
    const job = await cancellation(tx.em, id);
    if (!job) throw new AppError('WRONG_STATE', 'This subscription is not being cancelled.');
    if (subscription.status === 'cancelled') await wake(tx, subscription);
    const { unpaidSince } = subscription;
    const back = unpaidSince ? { status: 'suspended', unpaidSince: new Date() } : { status: 'active' };
    Object.assign(subscription, { ...back, cancelAtPeriodEnd: false, cancelledAt: null });
    const eventId = tx.audit('subscription.kept', id);
    tx.send(enqueueSignal(tx.em, job.workflowId, SIGNALS.keep, eventId, [eventId]));
    return { subscription, job };
  });
}

/**
 * Only what its cancellation stopped: not what an operator did, nor what is not paid for. While it is being stopped it
 * cannot be started: what is asked last would not be what is done last.
 */
async function wake(tx: Change, subscription: Subscription): Promise<void> {
  await requireIdle(tx, subscription.resourceId);
  for (const outboxId of await wakeService(tx.em, subscription, 'cancelled')) tx.send(outboxId);
}
