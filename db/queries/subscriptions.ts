import type { EntityManager } from '@mikro-orm/postgresql';
import { JOB_ENDED, type ProductType } from '../../core/states.ts';
import { Job, Product, Subscription } from '../entities/index.ts';
import { findRow, listRows, lockRow, ownedBy, type PageQuery, type Scope } from './rows.ts';

export const findSubscription = (em: EntityManager, scope: Scope, id: string) =>
  findRow(em, Subscription, ownedBy(scope, { id }));

export const lockSubscription = (em: EntityManager, scope: Scope, id: string) =>
  lockRow(em, Subscription, ownedBy(scope, { id }));

export async function listSubscriptions(
  em: EntityManager,
  scope: Scope,
  filter: {
    customerId?: string | undefined;
    status?: Subscription['status'] | undefined;
    productType?: ProductType | undefined;
  },
  page: PageQuery,
) {
  const { productType, ...rest } = filter;
  // A tenant sells a handful of products: their ids keep the list on its own index.
  const sold =
    productType && (await em.find(Product, { tenantId: scope.tenantId, type: productType }, { fields: ['id'] }));
  const productId = sold && { $in: sold.map((product) => product.id) };
  return listRows(em, Subscription, ownedBy(scope, { ...rest, productId }), page);
}

/** The run that waits for a subscription's end, or for its undo window to pass. */
export function cancellation(em: EntityManager, subscriptionId: string): Promise<Job | null> {
  return em.findOne(Job, {
    type: 'subscription_cancel',
    targetId: subscriptionId,
    status: { $nin: [...JOB_ENDED] },
  });
}
