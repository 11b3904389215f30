import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { presentInvoice, presentOrder } from '../../api/contracts/mpanel/present/ordering.ts';
import { placeOrder } from '../../api/usecases/orders/place.ts';
import { toDecimal } from '../../core/money.ts';
import {
  Coupon,
  CouponUse,
  Invoice,
  Job,
  type Order,
  Product,
  Subscription,
  TaxRate,
  Tenant,
} from '../../db/entities/index.ts';
import { findInvoice } from '../../db/queries/invoices.ts';
import { jobInput } from '../../db/queries/jobs.ts';
import { findOrder } from '../../db/queries/orders.ts';
import { newId } from '../../runtime/ids.ts';
import { discounts, RATES } from '../core/pricing/carts.ts';
import { type Cart, expected } from '../core/pricing/oracle.ts';
import { type Scene, sceneOf } from '../laws/support/scene.ts';
import { type Hands, openWorld, type World } from '../laws/support/world.ts';

// From the cart to Stripe and back: what is ordered, invoiced, charged and refunded, against exact fractions.

let world: World;
let hands: Hands;
let scene: Scene;
beforeAll(async () => {
  world = await openWorld();
  hands = world.hands(false);
  scene = sceneOf(world, hands);
}, 60_000);
afterAll(async () => {
  await hands.close();
  await world.close();
});

const COUNTRY = 'DE';
const CURRENCIES = { USD: 1, JPY: 1, KWD: 10 };

/** What the shop sells and to whom: a standard and a reduced rate, prices with tax or without. */
const shops = fc.record({
  included: fc.boolean(),
  currency: fc.constantFrom(...(Object.keys(CURRENCIES) as (keyof typeof CURRENCIES)[])),
  standard: fc.constantFrom(...RATES),
  reduced: fc.constantFrom(...RATES),
  discount: discounts,
  wishes: fc.array(
    fc.record({
      covered: fc.boolean(),
      price: fc.integer({ min: 60, max: 9_999 }),
      category: fc.constantFrom('standard' as const, 'reduced' as const, 'exempt' as const),
      quantity: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});
type Shop = typeof shops extends fc.Arbitrary<infer T> ? T : never;

async function open({ included, standard, reduced }: Shop): Promise<void> {
  const em = world.em();
  await em.nativeUpdate(Tenant, { id: world.tenantId }, { country: COUNTRY, pricesIncludeTax: included });
  await em.nativeDelete(TaxRate, { tenantId: world.tenantId });
  for (const [category, rate] of [['standard', standard], ['reduced', reduced]] as const) // biome-ignore format: pairs
    em.create(TaxRate, {
      id: newId(),
      tenantId: world.tenantId,
      country: COUNTRY,
      category,
      rate,
      validFrom: '2020-01-01',
    });
  await em.flush();
}

async function products({ wishes, currency }: Shop): Promise<Product[]> {
  const em = world.em();
  const rows = wishes.map(({ price, category }) =>
    em.create(Product, {
      id: newId(),
      tenantId: world.tenantId,
      name: 'Pod',
      type: 'cloudpod',
      sku: newId().toUpperCase(),
      taxCategory: category,
      metadata: { kind: 'qemu', cpu: 1, ramMb: 512, diskGb: 10, image: 'debian-12' },
      billingCycles: [{ cycle: 'monthly', amount: price * CURRENCIES[currency], currency }],
    }),
  );
  await em.flush();
  return rows;
}

/** A coupon for the products that are covered; none where it would be for nothing. */
async function coupon({ wishes, discount, currency }: Shop, sold: Product[], terms = {}): Promise<string | undefined> {
  const productIds = sold.filter((_, at) => wishes[at]!.covered).map(({ id }) => id);
  if (!discount || !productIds.length) return undefined;
  const worth =
    discount.kind === 'percent'
      ? { share: discount.share }
      : { amount: discount.amount * CURRENCIES[currency], currency };
  const code = newId().toUpperCase();
  const row = { id: newId(), tenantId: world.tenantId, code, productIds, recurring: false, ...terms };
  await world.em().insert(Coupon, { ...row, kind: discount.kind, ...worth });
  return code;
}

/** The least that can be paid by card, in any currency of the test. */
const LEAST = 500;

/** The cart as the oracle reads it: one line a unit, in the order in which they are sold. */
function cartOf(shop: Shop): Cart {
  const rates = { standard: shop.standard, reduced: shop.reduced, exempt: 0 };
  const coin = CURRENCIES[shop.currency];
  const lines = shop.wishes.flatMap(({ price, category, quantity, covered }) =>
    Array(quantity).fill({ price: price * coin, rate: rates[category], discounted: covered }),
  );
  const { discount } = shop;
  const scaled = discount?.kind === 'fixed' ? { ...discount, amount: discount.amount * coin } : discount;
  return { lines, included: shop.included, discount: scaled, coin };
}

const atStripe = (invoiceId: string) => {
  const { charges } = world.running('stripe').state() as {
    charges: { amount: number; amount_refunded: number; currency: string; metadata: { invoiceId?: string } }[];
  };
  return charges.filter(({ metadata }) => metadata.invoiceId === invoiceId);
};

const scope = () => ({ tenantId: world.tenantId, customerId: null });
const step = { step: 'test', phase: 'do' as const };

async function pay(invoiceId: string): Promise<void> {
  const session = await scene.page({ id: invoiceId });
  await world.running('stripe').acts?.pay?.({ session });
}

async function jobOf(order: Order) {
  return jobInput(await world.em().findOneOrFail(Job, { orderId: order.id, type: 'order_fulfil' }));
}

test('cart = invoice = charge, and what is not delivered gives back just that', async () => {
  await fc.assert(
    fc.asyncProperty(shops, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), async (shop, kept) => {
      await open(shop);
      const sold = await products(shop);
      const items = sold.map((product, at) => ({
        productId: product.id,
        billingCycle: 'monthly' as const,
        quantity: shop.wishes[at]!.quantity,
      }));
      const couponCode = await coupon(shop, sold);
      const wish = { customerId: world.customerId, items, couponCode };
      const { order, invoice } = await placeOrder(scene.ctx('orders.create'), wish);
      const wanted = expected(cartOf(shop));

      const view = presentInvoice((await findInvoice(world.em(), scope(), invoice.id))!);
      const shown = (amount: number) => toDecimal(amount, shop.currency);
      expect([order.total, invoice.total]).toEqual([wanted.total, wanted.total]);
      expect(view).toMatchObject({
        subtotal: shown(wanted.total - wanted.tax.reduce((a, b) => a + b, 0)),
        tax: shown(wanted.tax.reduce((a, b) => a + b, 0)),
        discount: shown(wanted.discount.reduce((a, b) => a + b, 0)),
        total: shown(wanted.total),
      });
      const placed = presentOrder((await findOrder(world.em(), scope(), order.id))!);
      expect(placed.items.map(({ charged }) => charged)).toEqual(wanted.charged.map(shown));

      const orderJob = await jobOf(order);
      if (wanted.total > 0 && wanted.total < LEAST)
        return void (await hands.activities.closeUnpaidOrder({ ...orderJob, ...step }));
      if (wanted.total > 0) await pay(invoice.id);
      expect(await hands.activities.settlePayments({ ...orderJob, ...step })).toBe(true);
      const charged = { amount: wanted.total, currency: shop.currency.toLowerCase() };
      expect(atStripe(invoice.id)).toMatchObject(wanted.total ? [charged] : []);

      let left = wanted.total;
      for (const [at, item] of placed.items.entries()) {
        if (kept[at]) continue;
        await hands.activities.refundItem({ ...orderJob, ...step, targetId: item.id });
        left -= wanted.charged[at]!;
        const [charge] = atStripe(invoice.id);
        expect(charge ? charge.amount - charge.amount_refunded : 0).toBe(left);
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);

test('what costs nothing is paid at once, by nobody', async () => {
  const shop: Shop = { ...fc.sample(shops, 1)[0]!, currency: 'USD' };
  const free = { ...shop, wishes: [{ price: 0, category: 'standard' as const, quantity: 1, covered: false }] };
  await open(free);
  const [product] = await products(free);
  const items = [{ productId: product!.id, billingCycle: 'monthly' as const, quantity: 1 }];
  const { order, invoice } = await placeOrder(scene.ctx('orders.create'), { customerId: world.customerId, items });
  const orderJob = await jobOf(order);
  expect(await hands.activities.settlePayments({ ...orderJob, ...step })).toBe(true);
  expect(await world.em().findOneOrFail(Invoice, { id: invoice.id })).toMatchObject({ status: 'paid', total: 0 });
  expect(atStripe(invoice.id)).toEqual([]);
});

async function renewal({ id }: { id: string }, renewsAt: string): Promise<Invoice> {
  const dates = { status: 'active' as const, startsAt: new Date('2030-12-01'), renewsAt: new Date(renewsAt) };
  await world.em().nativeUpdate(Subscription, { id }, dates);
  const { tenantId, customerId } = world;
  const job = { jobId: newId(), type: 'subscription_renew' as const, tenantId, customerId, orderId: null };
  await hands.activities.makeRenewalInvoice({ ...job, ...step, targetId: id });
  return world.em().findOneOrFail(Invoice, { subscriptionId: id, periodStart: new Date(renewsAt) });
}

test('a renewal is taxed by the rate of the period it is for, on the terms it was bought on', async () => {
  const shop: Shop = { ...fc.sample(shops, 1)[0]!, included: true, currency: 'USD', standard: 190_000 };
  const priced = { ...shop, wishes: [{ price: 1190, category: 'standard' as const, quantity: 1, covered: false }] };
  await open(priced);
  const [product] = await products(priced);
  const items = [{ productId: product!.id, billingCycle: 'monthly' as const, quantity: 1 }];
  const { items: units } = await placeOrder(scene.ctx('orders.create'), { customerId: world.customerId, items });
  await open({ ...priced, included: false });
  const em = world.em();
  const row = { country: COUNTRY, category: 'standard' as const, rate: 200_000, validFrom: '2031-01-01' };
  await em.insert(TaxRate, { id: newId(), tenantId: world.tenantId, ...row });
  const subscription = await em.findOneOrFail(Subscription, { resourceId: units[0]!.resourceId });

  const renewed = (renewsAt: string) => renewal(subscription, renewsAt);
  expect(await renewed('2030-12-31')).toMatchObject({ subtotal: 1000, tax: 190, total: 1190 });
  const later = await renewed('2031-01-31');
  expect(later).toMatchObject({ subtotal: 992, tax: 198, total: 1190 });
  await pay(later.id);
  expect(atStripe(later.id)).toMatchObject([{ amount: 1190 }]);
});

describe('A coupon', () => {
  const shop = {
    ...{ included: false, currency: 'USD' as const, standard: 0, reduced: 0 },
    wishes: [{ price: 999, category: 'standard' as const, quantity: 3, covered: true }],
  };
  async function order(discount: Shop['discount'], terms: object) {
    await open({ ...shop, discount });
    const sold = await products({ ...shop, discount });
    const couponCode = await coupon({ ...shop, discount }, sold, terms);
    const items = [{ productId: sold[0]!.id, billingCycle: 'monthly' as const, quantity: 3 }];
    const placed = await placeOrder(scene.ctx('orders.create'), { customerId: world.customerId, items, couponCode });
    const subscriptions = await world.em().find(Subscription, { orderItemId: placed.items.map(({ id }) => id) });
    return { ...placed, subscriptions };
  }
  const renewed = async (discount: Shop['discount'], recurring: boolean) => {
    const { subscriptions } = await order(discount, { recurring });
    const invoices = [];
    for (const subscription of subscriptions) invoices.push(await renewal(subscription, '2030-12-31'));
    return invoices.map(({ total }) => total).sort();
  };

  test.each([
    ['of 10 % for the first period', { kind: 'percent' as const, share: 100_000 }, false, [999, 999, 999]],
    ['of 10 % that goes on', { kind: 'percent' as const, share: 100_000 }, true, [899, 899, 899]],
    [
      'of 10.00 that goes on: each renewal has its part',
      { kind: 'fixed' as const, amount: 1000 },
      true,
      [665, 666, 666],
    ],
  ])('%s', async (_, discount, recurring, totals) => {
    expect(await renewed(discount, recurring)).toEqual(totals);
  });

  test('is given back with an order that nobody paid', async () => {
    const { order: placed } = await order({ kind: 'percent', share: 100_000 }, { maxUses: 1 });
    expect(await world.em().count(CouponUse, { orderId: placed.id })).toBe(1);
    await hands.activities.closeUnpaidOrder({ ...(await jobOf(placed)), ...step });
    expect(await world.em().count(CouponUse, { orderId: placed.id })).toBe(0);
  });
});
