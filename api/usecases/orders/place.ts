import { AppError, invalid, notFound } from '../../../core/app-error.ts';
import { coinOf } from '../../../core/money.ts';
import { type Quote, quote, type Share } from '../../../core/pricing/quote.ts';
import {
  type Coupon,
  type Customer,
  Invoice,
  InvoiceLine,
  Order,
  OrderItem,
  Subscription,
} from '../../../db/entities/index.ts';
import { holdCapacity } from '../../../db/queries/capacity.ts';
import { lockCustomer } from '../../../db/queries/customers.ts';
import { inTurn } from '../../../db/queries/instances.ts';
import { createJob } from '../../../db/queries/jobs.ts';
import { countUnpaidOrders, type OrderView } from '../../../db/queries/orders.ts';
import { enqueueSignal } from '../../../db/queries/outbox.ts';
import { findActiveProducts } from '../../../db/queries/products.ts';
import { type Taxation, taxationOf } from '../../../db/queries/taxes.ts';
import { newId } from '../../../runtime/ids.ts';
import { SIGNALS } from '../../../workflows/catalog.ts';
import type { Context } from '../../context.ts';
import { isBuyer } from '../access.ts';
import { type Change, change } from '../change.ts';
import { addAddon } from '../resources/addon.ts';
import { addCloudPod } from '../resources/cloudpod.ts';
import { addDomain, tldPrice } from '../resources/domain.ts';
import { addEmail } from '../resources/email.ts';
import type { Added, Site } from '../resources/site.ts';
import { admitCoupon, covers, discountOf, renewalDiscount, useCoupon } from './coupon.ts';
import { type Draft, draftUnits, type ItemWish } from './draft.ts';
import type { ItemConfig } from './item-config.ts';
import { groupLines, titleOf } from './lines.ts';

export interface OrderWish {
  customerId: string;
  items: ItemWish[];
  couponCode?: string | undefined;
}

/** Who buys, and how that is taxed. */
export interface Buyer {
  customer: Customer;
  taxation: Taxation;
  /** Locked. */
  coupon?: Coupon | undefined;
}

interface Priced {
  price: number;
  /** Of each period after the first. */
  renewal: number;
  currency: string;
}

/** One priced unit with the resource that will deliver it. */
interface Unit extends Draft, Priced {
  added: Added;
  /** What renews it; a renewal by hand has none. */
  subscription?: Subscription;
}

/** A unit with its shares of discount and tax. */
type Sold = Unit & Share;

/**
 * Places an order: items, resources, unpaid invoice, subscriptions, jobs and held capacity in one transaction, and the
 * start of the workflow that waits for the money.
 */
export function placeOrder(ctx: Context, wish: OrderWish): Promise<OrderView> {
  return change(ctx, async (tx) => {
    const customer = await admit(ctx, tx, wish.customerId);
    const ids = wish.items.flatMap((item) => [item.productId, ...(item.addons ?? []).map((addon) => addon.productId)]);
    const drafts = draftUnits(wish.items, await findActiveProducts(tx.em, customer.tenantId, ids));
    const taxation = await taxationOf(tx.em, customer, new Date());
    const coupon = wish.couponCode ? await admitCoupon(tx.em, customer, wish.couponCode) : undefined;
    const buyer = { customer, taxation, coupon };
    const units = await addUnits(ctx, tx, buyer, drafts);
    const view = writeOrder(ctx, tx, buyer, units);
    await tx.em.flush();
    await holdAll(tx, units);
    return view;
  });
}

/** Unpaid orders hold capacity, so a customer may have only so many. The lock makes the count hold. */
export async function admit(ctx: Context, tx: Change, customerId: string): Promise<Customer> {
  const customer = await lockCustomer(tx.em, ctx.scope, customerId);
  if (!customer) throw ctx.scope.customerId ? notFound() : invalid(['customerId'], 'there is no such customer');
  if (customer.status !== 'active') throw new AppError('WRONG_STATE', 'This customer is suspended.');
  const most = ctx.config.UNPAID_ORDERS_MAX;
  if ((await countUnpaidOrders(tx.em, customer.id)) >= most)
    throw new AppError('TOO_MANY_UNPAID_ORDERS', `Pay or cancel one of the ${most} unpaid orders first.`, { most });
  return customer;
}

async function addUnits(ctx: Context, { em }: Change, { customer, taxation }: Buyer, drafts: Draft[]): Promise<Unit[]> {
  const registering = new Map(
    drafts.flatMap(({ domain, itemId, resourceId }) => (domain ? [[domain, { itemId, domainId: resourceId }]] : [])),
  );
  const units: Unit[] = [];
  for (const draft of drafts) {
    const subscriptionId = newId();
    const path = draft.parent ? draft.path : [...draft.path, 'config'];
    const { config, seal } = ctx;
    const staff = !isBuyer(ctx);
    const site: Site = {
      em,
      config,
      seal,
      customer,
      registering,
      path,
      staff,
      orderItemId: draft.itemId,
      subscriptionId,
    };
    const priced = await price(site, draft);
    const subscription = em.create(Subscription, {
      id: subscriptionId,
      tenantId: customer.tenantId,
      customerId: customer.id,
      productId: draft.product.id,
      orderItemId: draft.itemId,
      resourceId: draft.resourceId,
      billingCycle: draft.cycle,
      price: priced.renewal,
      pricesIncludeTax: taxation.listedWithTax,
      currency: priced.currency,
    });
    units.push({ ...draft, ...priced, subscription, added: await addResource(site, draft) });
  }
  const currencies = new Set(units.map((unit) => unit.currency));
  if (currencies.size > 1) throw invalid(['items'], `one currency an order, not ${[...currencies].join(' and ')}`);
  return units;
}

/** A domain is sold by the year at its registry's price, everything else by its product's cycle. */
async function price(site: Site, draft: Draft): Promise<Priced> {
  const { product, cycle, domain, path } = draft;
  if (domain) {
    const { years = 1 } = draft.config as ItemConfig<'domain'>;
    const listed = await tldPrice(site, domain, years, [...path, 'config', 'domain']);
    return { price: listed.register * years, renewal: listed.renew, currency: listed.currency };
  }
  const listed = product.billingCycles.find((offer) => offer.cycle === cycle);
  if (!listed) throw invalid([...path, 'billingCycle'], `${product.name} is not sold ${cycle}`);
  return { price: listed.amount, renewal: listed.amount, currency: listed.currency };
}

function addResource(site: Site, draft: Draft): Promise<Added> {
  const { product, resourceId, config, domain = '', parent } = draft;
  switch (product.type) {
    case 'cloudpod':
      return addCloudPod(site, product, resourceId, config as ItemConfig<'cloudpod'>);
    case 'domain':
      return addDomain(site, { id: resourceId, name: domain, config: config as ItemConfig<'domain'> });
    case 'email':
      return addEmail(site, product, resourceId, config as ItemConfig<'email'>);
    default:
      return addAddon(site, product, resourceId, parentOf(site, draft, parent));
  }
}

function parentOf(site: Site, { config }: Draft, parent: Draft | undefined) {
  if (parent) return { itemId: parent.itemId, instanceId: parent.resourceId };
  const { instanceId } = config as ItemConfig<'addon'>;
  if (!instanceId) throw invalid([...site.path, 'instanceId'], 'is needed: which CloudPod gets it?');
  return { instanceId };
}

/** What the units come to, each with its own part of it. */
function bill(units: readonly Unit[], { taxation, coupon }: Buyer, currency: string): Quote & { sold: Sold[] } {
  const ids = units.map(({ product }) => product.id);
  const discount = coupon ? discountOf(coupon, ids, currency) : null;
  const { listedWithTax, reverseCharge } = taxation;
  const things = units.map(({ price, product: { id, taxCategory: category } }) => ({
    price: taxation.priceOf(price, { category, listedWithTax, currency }),
    rate: taxation.rateOf(category),
    discounted: coupon !== undefined && covers(coupon, id),
  }));
  const quoted = quote(things, { included: listedWithTax && !reverseCharge, discount, coin: coinOf(currency) });
  return { ...quoted, sold: units.map((unit, at) => ({ ...unit, ...(quoted.shares[at] as Share) })) };
}

/** The rows of an order whose units are priced and have their resources. */
export function writeOrder(ctx: Context, tx: Change, buyer: Buyer, units: Unit[]): OrderView {
  const { customer, taxation, coupon } = buyer;
  const { em } = tx;
  const { tenantId } = customer;
  const orderId = newId();
  const currency = units[0]?.currency ?? '';
  const { sold, total, subtotal, tax, discount } = bill(units, buyer, currency);
  const createdAt = new Date();
  const order = em.create(Order, {
    id: orderId,
    tenantId,
    customerId: customer.id,
    currency,
    total,
    couponCode: coupon?.code ?? null,
    createdAt,
    paymentDueAt: new Date(createdAt.getTime() + ctx.config.PAYMENT_WINDOW_SECONDS * 1000),
  });
  if (coupon) useCoupon(em, coupon, order);
  for (const { subscription, discount: part } of coupon?.recurring ? sold : [])
    if (subscription && part > 0) subscription.discount = renewalDiscount(coupon as Coupon, part);
  const items = sold.map((unit, position) => writeItem(tx, orderId, unit, position));
  const invoice = em.create(Invoice, {
    id: newId(),
    tenantId,
    customerId: customer.id,
    orderId,
    currency,
    pricesIncludeTax: taxation.listedWithTax && !taxation.reverseCharge,
    reverseCharge: taxation.reverseCharge,
    discount,
    subtotal,
    tax,
    total,
    createdAt,
  });
  for (const [position, line] of groupLines(sold).entries())
    em.create(InvoiceLine, { invoiceId: invoice.id, position, ...line });
  const job = tx.start({ type: 'order_fulfil', targetId: orderId, customerId: customer.id, orderId });
  // There is nothing to pay, so nobody will tell the workflow to look.
  if (total === 0) tx.send(enqueueSignal(em, job.workflowId, SIGNALS.payment, invoice.id, [invoice.id]));
  for (const { added } of units)
    createJob(em, {
      type: added.jobType,
      tenantId,
      targetId: added.resourceId,
      customerId: customer.id,
      orderId,
      parentJobId: job.id,
    });
  tx.audit('order.created', orderId, { customerId: customer.id, total, currency, items: items.length });
  return { order, items, invoice, jobId: job.id };
}

function writeItem({ em }: Change, orderId: string, unit: Sold, position: number): OrderItem {
  const { product, added } = unit;
  return em.create(OrderItem, {
    id: unit.itemId,
    tenantId: product.tenantId,
    orderId,
    parentItemId: unit.parent?.itemId ?? null,
    dependsOn: added.dependsOn,
    position,
    productId: product.id,
    type: product.type,
    description: added.about ? `${titleOf(unit)}: ${added.about}` : titleOf(unit),
    billingCycle: unit.cycle,
    price: unit.price,
    discount: unit.discount,
    tax: unit.tax,
    config: added.config,
    resourceId: added.resourceId,
  });
}

/**
 * A shortage is no refusal: the item waits for capacity once it is paid. What comes free while others wait is theirs, who
 * have paid. Last, since holding waits for other orders.
 */
async function holdAll({ em }: Change, units: readonly Unit[]): Promise<void> {
  for (const { product, added } of units) {
    if (product.type !== 'cloudpod' || !(await inTurn(em, added.resourceId))) continue;
    await holdCapacity(em, added.resourceId);
  }
}
