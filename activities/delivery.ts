import type { EntityManager } from '@mikro-orm/postgresql';
import { periodEnd } from '../core/period.ts';
import { OrderItem, Subscription } from '../db/entities/index.ts';
import { first, set } from '../db/queries/entity.ts';
import { cancelRenewalsOf } from '../db/queries/renewals.ts';

/**
 * Marks an order's item delivered and begins its subscription, in the transaction that makes the resource active.
 * `renewsAt` is the registry's date for a domain; otherwise the first period begins now.
 */
export async function deliverItem(
  tx: EntityManager,
  orderItemId: string | null | undefined,
  resourceId: string,
  renewsAt?: Date,
): Promise<void> {
  if (orderItemId) await set(tx, OrderItem, { id: orderItemId, status: { $ne: 'undone' } }, { status: 'delivered' });
  const subscription = await first(tx, Subscription, { resourceId, status: 'pending' });
  if (!subscription) return;
  const startsAt = new Date();
  const end = renewsAt ?? periodEnd(startsAt, subscription.billingCycle, 1);
  await set(
    tx,
    Subscription,
    { id: subscription.id, status: 'pending' },
    { status: 'active', startsAt, renewsAt: end },
  );
}

/** Ends what is paid for resources, whatever pays for them. */
export async function endBilling(tx: EntityManager, resourceIds: string[]): Promise<void> {
  await set(
    tx,
    Subscription,
    { resourceId: { $in: resourceIds }, status: { $ne: 'cancelled' } },
    { status: 'cancelled', cancelledAt: new Date() },
  );
  await cancelRenewalsOf(tx, resourceIds);
}
