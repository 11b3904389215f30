import type { Job, Subscription } from '../../../db/entities/index.ts';
import { cancelRenewals } from '../../../db/queries/renewals.ts';
import { lockSubscription } from '../../../db/queries/subscriptions.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';
import { requireIdle, requireState } from '../idle.ts';

/** Ends a subscription at the end of what is paid, or now. Until its undo window has passed it can be taken back. */
export function cancelSubscription(
  ctx: Context,
  id: string,
  cancelAtPeriodEnd: boolean,
): Promise<{ subscription: Subscription; job: Job }> {
  return change(ctx, async (tx) => {
    const subscription = seen(ctx, await lockSubscription(tx.em, ctx.scope, id));
    requireState(subscription.status, ['active', 'suspended']);
    await requireIdle(tx, id);
    subscription.cancelAtPeriodEnd = cancelAtPeriodEnd;
    await cancelRenewals(tx.em, [id]);
    const job = tx.start({ type: 'subscription_cancel', targetId: id, customerId: subscription.customerId });
    tx.audit('subscription.cancelled', id, { cancelAtPeriodEnd });
    return { subscription, job };
  });
}
