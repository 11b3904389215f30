import { invalid } from '../../../core/app-error.ts';
import { findSubscription } from '../../../db/queries/subscriptions.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { isBuyer } from '../access.ts';
import { buy, type Made, productFor, siteOf } from '../bought.ts';
import { change } from '../change.ts';
import { addCloudPod } from '../resources/cloudpod.ts';

export interface CloudPodWish {
  customerId: string;
  subscriptionId?: string | undefined;
  productId: string;
  name?: string | undefined;
  template?: string | undefined;
  hostname?: string | undefined;
  sshKeys?: string[] | undefined;
}

/** A CloudPod asked for directly. */
export async function createCloudPod(ctx: Context, wish: CloudPodWish): Promise<Made> {
  const { customerId, subscriptionId, productId, ...config } = wish;
  const product = await productFor(ctx, productId, { type: 'cloudpod', path: 'productId' });
  if (isBuyer(ctx)) return buy(ctx, { customerId, product, config });
  return change(ctx, async (tx) => {
    const site = await siteOf(ctx, tx, { customerId, subscriptionId: subscriptionId ?? null });
    if (subscriptionId) await requireSubscription(ctx, customerId, subscriptionId);
    const added = await addCloudPod(site, product, newId(), config);
    const job = tx.start({ type: added.jobType, targetId: added.resourceId, customerId });
    tx.audit('cloudpod.created', added.resourceId, { customerId, hostname: added.about });
    return { resourceId: added.resourceId, job };
  });
}

async function requireSubscription(ctx: Context, customerId: string, id: string): Promise<void> {
  const subscription = await findSubscription(ctx.em, ctx.scope, id);
  if (subscription?.customerId !== customerId)
    throw invalid(['subscriptionId'], 'there is no such subscription of theirs');
}
