import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { presentInvoice, presentOrder } from '../../api/contracts/mpanel/present/ordering.ts';
import { toDecimal } from '../../core/money.ts';
import { Invoice, Product, Subscription, TaxRate, Tenant, TldPrice } from '../../db/entities/index.ts';
import { findInvoice } from '../../db/queries/invoices.ts';
import { findOrder } from '../../db/queries/orders.ts';
import { creditTaxOf } from '../../db/queries/tax-credits.ts';
import { newId } from '../../runtime/ids.ts';
import { expected } from '../core/pricing/oracle.ts';
import { canBePaid, cartOf, openTill, type Shop, shops, type Till } from './till.ts';

// From the cart to Stripe and back: what is ordered, invoiced, charged and refunded, against exact fractions.

let till: Till;
beforeAll(async () => {
  till = await openTill();
}, 60_000);
afterAll(() => till.close());

const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
const scope = () => ({ tenantId: till.world.tenantId, customerId: null });
const em = () => till.world.em();

/** The invoice as the contract shows it. */
const shown = async (id: string) => presentInvoice((await findInvoice(em(), scope(), id))!);

/** What stays at Stripe, and what the invoice and its credit notes say is left: total, and of it the tax. */
async function left(invoiceId: string) {
  const [charge] = till.atStripe(invoiceId);
  const { invoice, credits } = (await findInvoice(em(), scope(), invoiceId))!;
  return {
    kept: charge?.kept ?? 0,
    invoiced: invoice.total - sum(credits.map(({ amount }) => amount)),
    tax: invoice.tax - sum(credits.map(({ tax }) => tax)),
  };
}

/** Bought and paid; undefined where it is too little for a card. */
async function bought(shop: Shop) {
  const placed = await till.buy(shop);
  const wanted = expected(cartOf(shop));
  const job = await till.jobOf(placed.order);
  if (wanted.total > 0 && !canBePaid(wanted.total, shop)) {
    await till.hands.activities.closeUnpaidOrder(job);
    return undefined;
  }
  if (wanted.total > 0) await till.pay(placed.invoice.id);
  expect(await till.hands.activities.settlePayments(job)).toBe(true);
  return { ...placed, wanted, job };
}

const choices = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });

test('cart = invoice = charge, and what is not delivered gives back just that', async () => {
  await fc.assert(
    fc.asyncProperty(shops, choices, async (shop, kept) => {
      const sale = await bought(shop);
      if (!sale) return;
      const { order, invoice, items, wanted, job } = sale;
      const decimal = (amount: number) => toDecimal(amount, shop.currency);
      const tax = sum(wanted.tax);
      expect([order.total, invoice.total]).toEqual([wanted.total, wanted.total]);
      expect(await shown(invoice.id)).toMatchObject({
        subtotal: decimal(wanted.total - tax),
        tax: decimal(tax),
        discount: decimal(sum(wanted.discount)),
        total: decimal(wanted.total),
      });
      const placed = presentOrder((await findOrder(em(), scope(), order.id))!);
      expect(placed.items.map(({ charged }) => charged)).toEqual(wanted.charged.map(decimal));
      const charged = { amount: wanted.total, currency: shop.currency.toLowerCase() };
      expect(till.atStripe(invoice.id)).toMatchObject(wanted.total ? [charged] : []);

      const delivered = new Set(items.keys());
      for (const [at, item] of items.entries()) {
        if (kept[at]) continue;
        await till.hands.activities.refundItem({ ...job, targetId: item.id });
        delivered.delete(at);
        const price = sum([...delivered].map((one) => wanted.charged[one]!));
        const taxes = sum([...delivered].map((one) => wanted.tax[one]!));
        expect(await left(invoice.id)).toEqual({ kept: price, invoiced: price, tax: taxes });
      }
    }),
    { numRuns: 30 },
  );
}, 120_000);

test('the same when the tax goes back between the refunds, and all that is left at the end', async () => {
  await fc.assert(
    fc.asyncProperty(shops, choices, fc.integer({ min: 0, max: 12 }), async (shop, kept, when) => {
      const sale = await bought(shop);
      if (!sale) return;
      const { invoice, items, wanted, job } = sale;
      const delivered = new Set(items.keys());
      let credited = false;
      for (const [at, item] of [...items, undefined].entries()) {
        if (at === Math.min(when, items.length)) {
          for (let again = 0; again < 2; again++) await em().transactional((tx) => creditTaxOf(tx, invoice.id));
          await till.hands.activities.settlePayments(job);
          credited = true;
        }
        if (!item || kept[at]) continue;
        await till.hands.activities.refundItem({ ...job, targetId: item.id });
        delivered.delete(at);
        const taxes = sum([...delivered].map((one) => wanted.tax[one]!));
        const net = sum([...delivered].map((one) => wanted.charged[one]! - wanted.tax[one]!));
        const tax = credited ? 0 : taxes;
        expect(await left(invoice.id)).toEqual({ kept: net + tax, invoiced: net + tax, tax });
      }
      await till.hands.activities.refundInvoice({ ...job, targetId: invoice.id });
      expect(await left(invoice.id)).toEqual({ kept: 0, invoiced: 0, tax: 0 });
    }),
    { numRuns: 15 },
  );
}, 120_000);

test('a renewal comes to what exact fractions say, with its coupon and its tax', async () => {
  await fc.assert(
    fc.asyncProperty(shops, fc.boolean(), async (shop, recurring) => {
      const { order, subscriptions, items } = await till.buy(shop, { recurring });
      const cart = cartOf(shop);
      const first = expected(cart);
      for (const subscription of subscriptions.slice(0, 2)) {
        const at = items.findIndex(({ id }) => id === subscription.orderItemId);
        const line = cart.lines[at]!;
        const goesOn = recurring && line.discounted ? cart.discount : null;
        const discount = goesOn?.kind === 'fixed' ? { ...goesOn, amount: first.discount[at]! } : goesOn;
        const wanted = expected({ ...cart, lines: [line], discount });
        const { subtotal, tax, total } = await till.renewal(subscription, '2030-12-31');
        expect({ subtotal, tax, total }).toEqual({
          subtotal: wanted.total - wanted.tax[0]!,
          tax: wanted.tax[0]!,
          total: wanted.total,
        });
      }
      await till.hands.activities.closeUnpaidOrder(await till.jobOf(order));
    }),
    { numRuns: 15 },
  );
}, 120_000);

const plain: Shop = {
  ...{ included: false, currency: 'USD', standard: 190_000, reduced: 0 },
  wishes: [{ price: 1190, category: 'standard', quantity: 1, covered: true }],
};

describe('What costs nothing', () => {
  test.each([
    ['by itself', { ...plain, wishes: [{ ...plain.wishes[0]!, price: 0 }] }],
    ['with a coupon of 100 %', { ...plain, discount: { kind: 'percent' as const, share: 1_000_000 } }],
    ['with a coupon of more than it costs', { ...plain, discount: { kind: 'fixed' as const, amount: 9_999 } }],
  ])('%s is paid at once, by nobody, and can be undone', async (_, shop) => {
    const { order, invoice, items } = await till.buy(shop);
    const job = await till.jobOf(order);
    expect(await till.hands.activities.settlePayments(job)).toBe(true);
    expect(await em().findOneOrFail(Invoice, { id: invoice.id })).toMatchObject({ status: 'paid', total: 0 });
    await till.hands.activities.refundItem({ ...job, targetId: items[0]!.id });
    expect(till.atStripe(invoice.id)).toEqual([]);
    expect((await shown(invoice.id)).creditNotes).toEqual([]);
  });
});

describe('What changes between order and payment', () => {
  test('its price, its rate and its coupon are those of the order', async () => {
    const { invoice, order, sold, couponCode } = await till.buy({
      ...plain,
      discount: { kind: 'percent', share: 100_000 },
    });
    expect(invoice.total).toBe(1274);
    await em().nativeUpdate(
      Product,
      { id: sold[0]!.id },
      { billingCycles: [{ cycle: 'monthly', amount: 5000, currency: 'USD' }] },
    );
    await em().nativeUpdate(TaxRate, { tenantId: till.world.tenantId }, { rate: 250_000 });
    await till.world.rows(`update coupon set valid_until = now() - interval '1 hour' where code = '${couponCode}'`);
    await till.pay(invoice.id);
    expect(await till.hands.activities.settlePayments(await till.jobOf(order))).toBe(true);
    expect(till.atStripe(invoice.id)).toMatchObject([{ amount: 1274, kept: 1274 }]);
    await expect(
      till.order({ items: [{ productId: sold[0]!.id, billingCycle: 'monthly', quantity: 1 }], couponCode }),
    ).rejects.toMatchObject({ code: 'COUPON_INVALID' });
  });
});

test('a renewal is taxed by the rate of the period it is for, on the terms it was bought on', async () => {
  const { subscriptions } = await till.buy({ ...plain, included: true });
  await em().nativeUpdate(Tenant, { id: till.world.tenantId }, { pricesIncludeTax: false });
  const row = { country: 'DE', category: 'standard' as const, rate: 200_000, validFrom: '2031-01-01' };
  await em().insert(TaxRate, { id: newId(), tenantId: till.world.tenantId, ...row });
  const [subscription] = subscriptions;

  expect(await till.renewal(subscription!, '2030-12-31')).toMatchObject({ subtotal: 1000, tax: 190, total: 1190 });
  const later = await till.renewal(subscription!, '2031-01-31');
  expect(later).toMatchObject({ subtotal: 992, tax: 198, total: 1190 });
  await till.pay(later.id);
  expect(till.atStripe(later.id)).toMatchObject([{ amount: 1190 }]);
});

describe('A coupon', () => {
  const shop: Shop = {
    ...{ included: false, currency: 'USD', standard: 0, reduced: 0 },
    wishes: [{ price: 999, category: 'standard', quantity: 3, covered: true }],
  };
  const tenth = { kind: 'percent' as const, share: 100_000 };

  test.each([
    ['of 10 % for the first period', tenth, false, [999, 999, 999]],
    ['of 10 % that goes on', tenth, true, [899, 899, 899]],
    [
      'of 10.00 that goes on: each renewal has its part',
      { kind: 'fixed' as const, amount: 1000 },
      true,
      [665, 666, 666],
    ],
  ])('%s', async (_, discount, recurring, totals) => {
    const { subscriptions } = await till.buy({ ...shop, discount }, { recurring });
    const invoices = [];
    for (const subscription of subscriptions) invoices.push(await till.renewal(subscription, '2030-12-31'));
    expect(invoices.map(({ total }) => total).sort()).toEqual(totals);
  });

  test('that goes on takes its share of a renewal, also where the first period was for nothing', async () => {
    await till.open(shop);
    const product = await em().findOneOrFail(Product, { type: 'domain' });
    await em().nativeUpdate(TldPrice, { tld: 'com' }, { register: 0, renew: 1200 });
    const wish = { ...shop, discount: tenth };
    const couponCode = await till.coupon(wish, [product], { recurring: true });
    const config = { domain: `${newId()}.com` };
    const { invoice, items } = await till.order({
      items: [{ productId: product.id, billingCycle: 'yearly', quantity: 1, config }],
      couponCode,
    });
    expect(invoice.total).toBe(0);
    const subscription = await em().findOneOrFail(Subscription, { orderItemId: items[0]!.id });
    expect(subscription.discount).toEqual(tenth);
  });

  test('comes back with an order that nobody paid, and stays with who has it next when that is paid too late', async () => {
    const { order, invoice, sold, couponCode } = await till.buy({ ...shop, discount: tenth }, { maxUses: 1 });
    const items = [{ productId: sold[0]!.id, billingCycle: 'monthly' as const, quantity: 1 }];
    const again = () => till.order({ items, couponCode });
    await expect(again()).rejects.toMatchObject({ details: { reason: 'used_up' } });
    const job = await till.jobOf(order);
    const late = await till.scene.page(invoice);
    await till.world.rows(`update checkout_session set status = 'expired' where invoice_id = '${invoice.id}'`);
    await till.hands.activities.closeUnpaidOrder(job);
    expect(await till.uses(couponCode)).toBe(0);
    await again();
    expect(await till.uses(couponCode)).toBe(1);

    await till.world.rows(`update checkout_session set status = 'open' where invoice_id = '${invoice.id}'`);
    await till.world.running('stripe').acts?.pay?.({ session: late });
    expect(await till.hands.activities.settlePayments(job)).toBe(false);
    expect(till.atStripe(invoice.id)).toMatchObject([{ amount: invoice.total, kept: 0 }]);
    expect(await till.uses(couponCode)).toBe(1);
  });

  test('comes back with an order of which nothing could be delivered, and not with one of which something was', async () => {
    const { order, invoice, items, couponCode } = await till.buy({ ...shop, discount: tenth });
    const job = await till.jobOf(order);
    await till.pay(invoice.id);
    await till.hands.activities.settlePayments(job);
    for (const [at, item] of items.entries()) {
      expect(await till.uses(couponCode)).toBe(1);
      await till.hands.activities.refundItem({ ...job, targetId: item.id });
      if (at === items.length - 1) await till.hands.activities.finishOrder(job);
    }
    expect(await till.uses(couponCode)).toBe(0);
  });

  test('of another tenant is none', async () => {
    const { sold } = await till.buy(shop);
    const other = newId();
    await em().insert(Tenant, { id: other, name: 'Other' });
    const couponCode = await till.coupon({ ...shop, discount: tenth }, sold, { tenantId: other });
    const items = [{ productId: sold[0]!.id, billingCycle: 'monthly' as const, quantity: 1 }];
    await expect(till.order({ items, couponCode })).rejects.toMatchObject({ details: { reason: 'unknown' } });
  });
});
