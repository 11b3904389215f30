import type { Context } from '../../../api/context.ts';
import type { Made } from '../../../api/usecases/bought.ts';
import type { OrderWish } from '../../../api/usecases/orders/place.ts';
import { placeOrder } from '../../../api/usecases/orders/place.ts';
import type { Permission } from '../../../core/permissions.ts';
import { CheckoutSession, Job, OrderItem, Payment, Product, Subscription } from '../../../db/entities/index.ts';
import { jobInput } from '../../../db/queries/jobs.ts';
import { newId } from '../../../runtime/ids.ts';
import { createLogger } from '../../../runtime/logger.ts';
import type { CheckoutPage, JobInput } from '../../../workflows/catalog.ts';
import { runSaga } from '../../../workflows/saga.ts';
import { sagas } from '../../../workflows/sagas.ts';
import { attempted, PlainHost } from './host.ts';
import type { Hands, World } from './world.ts';

type Wish = OrderWish['items'][number];

/** What has been asked for, ready to be run. */
export interface Asked {
  job: JobInput;
  /** The order item that pays for it: undoing the job gives its money back. */
  itemId?: string;
  orderJob?: JobInput;
}

/** Nobody follows here. */
const unheard: Context['live'] = {
  on: () => () => undefined,
  during: async () => undefined,
  close: async () => undefined,
};

/** Brings a world to where a saga may begin: by the use cases of the API and by whole sagas, past all faults. */
export function sceneOf(world: World, hands: Hands) {
  const { tenantId, customerId } = world;

  function ctx(permission: Permission): Context {
    return {
      em: world.em(),
      config: world.config,
      seal: world.seal,
      engine: nobody,
      live: unheard,
      logger: createLogger('laws', 'silent'),
      requestId: 'law',
      address: '127.0.0.1',
      parcels: [],
      caller: {
        ...{ userId: newId(), sessionId: newId(), keyId: null, tenantId, customerId: null },
        ...{ roles: ['admin'], permissions: ['*'] },
      },
      scope: { tenantId, customerId: null },
      permission,
    };
  }

  async function wish(sku: string, config: Record<string, unknown> = {}): Promise<Wish> {
    const product = await world.em().findOneOrFail(Product, { sku });
    return {
      productId: product.id,
      billingCycle: product.type === 'domain' ? 'yearly' : 'monthly',
      quantity: 1,
      config,
    };
  }

  async function order(sku: string, config: Record<string, unknown>) {
    const placed = await placeOrder(ctx('orders.create'), { customerId, items: [await wish(sku, config)] });
    const orderJob = jobInput(await world.em().findOneOrFail(Job, { id: placed.jobId }));
    return { item: placed.items[0]!, invoice: placed.invoice, orderJob };
  }

  /** Outside Stripe. */
  async function pay(orderJob: JobInput, invoice: { id: string; total: number; currency: string }): Promise<void> {
    const { total: amount, currency } = invoice;
    const reference = `offline/${invoice.id}`;
    await world.em().insert(Payment, {
      id: newId(),
      tenantId,
      invoiceId: invoice.id,
      provider: 'offline',
      reference,
      amount,
      currency,
    });
    await hands.activities.settlePayments({ ...orderJob, step: 'settle payments', phase: 'do' });
  }

  /** A page at Stripe on which an invoice can be paid. Answers Stripe's id of it. */
  async function page({ id: invoiceId }: { id: string }): Promise<string> {
    const id = newId();
    const pages = { successUrl: 'http://127.0.0.1/thanks', cancelUrl: 'http://127.0.0.1/back' };
    const expiresAt = new Date(Date.now() + 3_600_000);
    await world.em().insert(CheckoutSession, { id, tenantId, invoiceId, expiresAt, ...pages });
    return ((await hands.activities.askCheckout({ tenantId, sessionId: id })) as CheckoutPage).stripeId;
  }

  return {
    world,
    hands,
    page,
    ctx,
    customerId,
    input: jobInput,
    order,
    /** One thing ordered and paid for: the job that delivers it. */
    async buy(sku: string, config: Record<string, unknown> = {}): Promise<Asked> {
      const { item, invoice, orderJob } = await order(sku, config);
      await pay(orderJob, invoice);
      const job = jobInput(await world.em().findOneOrFail(Job, { targetId: item.resourceId }));
      return { job, itemId: item.id, orderJob };
    },
    /** What a customer of their own got an order for, paid: the job that does it. */
    async paidFor({ job, bought }: Made): Promise<Asked> {
      if (!bought) throw new Error('nothing was ordered');
      const em = world.em();
      const orderId = bought.order.id;
      const orderJob = jobInput(await em.findOneOrFail(Job, { orderId, type: 'order_fulfil' }));
      await pay(orderJob, bought.invoice);
      const { id: itemId } = await em.findOneOrFail(OrderItem, { orderId });
      return { job: jobInput(job), itemId, orderJob };
    },
    /** Runs a job's saga to its good end. Answers its target. */
    async done({ job }: Asked): Promise<string> {
      const saga = sagas.find(({ type }) => type === job.type)!;
      const host = new PlainHost(hands.activities, hands.activities, job);
      await host.begin();
      const outcome = await host.end(await runSaga(saga, host));
      if (outcome.outcome !== 'completed') throw new Error(`${job.type} ended ${outcome.outcome}: ${outcome.reason}`);
      return job.targetId;
    },
    /** What pays for a resource is cancelled and its time is over: the job that takes the resource away. */
    async cancelled(asked: Asked): Promise<Asked> {
      const resourceId = asked.job.targetId;
      const { id: targetId } = await world.em().findOneOrFail(Subscription, { resourceId });
      const ref = { ...asked.job, targetId, step: 'end', phase: 'do' as const };
      await hands.activities.endSubscription(ref);
      await hands.activities.destroyService(ref);
      const [job] = await world.em().find(Job, { targetId: resourceId }, { orderBy: { id: 'desc' }, limit: 1 });
      return { job: jobInput(job!) };
    },
    /** What an order's workflow does about an item that was undone. */
    async refund({ itemId, orderJob }: Asked, reason: string): Promise<void> {
      if (!itemId || !orderJob) return;
      const ref = { ...orderJob, targetId: itemId, step: 'refund', phase: 'do' as const, note: reason };
      await attempted(() => hands.activities.refundItem(ref));
    },
  };
}
export type Scene = ReturnType<typeof sceneOf>;

/** The engine as seen from here: what is handed to it stays in the outbox. */
const nobody: Context['engine'] = {
  deliver: async () => 'sent',
  ask: () => Promise.reject(new Error('nobody answers')),
  run: async () => ({ state: 'open' }),
  ping: async () => undefined,
  client: () => Promise.reject(new Error('no client')),
  close: async () => undefined,
};
