import { invalid } from '../../core/app-error.ts';
import type { ProductType } from '../../core/states.ts';
import type { Invoice, Job, Order, Product } from '../../db/entities/index.ts';
import { lockCustomer } from '../../db/queries/customers.ts';
import { liveJobs } from '../../db/queries/job-views.ts';
import { findActiveProducts } from '../../db/queries/products.ts';
import type { Context } from '../context.ts';
import type { Change } from './change.ts';
import { placeOrder } from './orders/place.ts';
import type { Site } from './resources/site.ts';

/** What somebody asked for directly: made at once for staff, ordered for a customer. */
export interface Made {
  resourceId: string;
  job: Job;
  bought?: { order: Order; invoice: Invoice };
}

/** A customer who asks for something that costs money gets an order for it; its job begins when it is paid. */
export async function buy(
  ctx: Context,
  wish: { customerId: string; product: Product; config: Record<string, unknown> },
): Promise<Made> {
  const { customerId, product, config } = wish;
  const billingCycle = product.billingCycles[0]?.cycle ?? 'monthly';
  const items = [{ productId: product.id, billingCycle, quantity: 1, config }];
  const { order, invoice, items: units } = await placeOrder(ctx, { customerId, items });
  const resourceId = units[0]?.resourceId as string;
  const [job] = await liveJobs(ctx.em, resourceId);
  return { resourceId, job: job as Job, bought: { order, invoice } };
}

/** Where staff make something for a customer without an order. */
export async function siteOf(
  ctx: Context,
  { em }: Change,
  wish: { customerId: string; subscriptionId?: string | null },
): Promise<Site> {
  const customer = await lockCustomer(em, ctx.scope, wish.customerId);
  if (!customer) throw invalid(['customerId'], 'there is no such customer');
  const { config, seal } = ctx;
  const subscriptionId = wish.subscriptionId ?? null;
  return {
    em,
    config,
    seal,
    customer,
    registering: new Map(),
    path: [],
    staff: true,
    orderItemId: null,
    subscriptionId,
  };
}

/** A product on sale of the type that is asked for. Throws 422. */
export async function productFor(
  ctx: Context,
  id: string,
  { type, path }: { type: ProductType; path: string },
): Promise<Product> {
  const product = (await findActiveProducts(ctx.em, ctx.scope.tenantId, [id])).get(id);
  if (product?.type !== type) throw invalid([path], `there is no such ${type} product on sale`);
  return product;
}
