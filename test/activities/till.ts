import fc from 'fast-check';
import { type OrderWish, placeOrder } from '../../api/usecases/orders/place.ts';
import { Coupon, Invoice, Job, type Order, Product, Subscription, TaxRate, Tenant } from '../../db/entities/index.ts';
import { jobInput } from '../../db/queries/jobs.ts';
import { newId } from '../../runtime/ids.ts';
import { discounts, RATES } from '../core/pricing/carts.ts';
import type { Cart } from '../core/pricing/oracle.ts';
import { sceneOf } from '../laws/support/scene.ts';
import { openWorld } from '../laws/support/world.ts';

// A shop with a till: what is ordered there is invoiced, paid at Stripe's stand-in, and refunded.

const COUNTRY = 'DE';

/** Of each currency what amounts in it are multiples of, and how many minor units of ISO 4217 so many of Stripe's are. */
const CURRENCIES = {
  USD: { coin: 1, minor: 1, stripes: 1 },
  JPY: { coin: 1, minor: 1, stripes: 1 },
  KWD: { coin: 10, minor: 1, stripes: 1 },
  ISK: { coin: 1, minor: 1, stripes: 100 },
  MGA: { coin: 100, minor: 100, stripes: 1 },
};
type Currency = keyof typeof CURRENCIES;

/** The least that can be paid by card, in coins of any of these currencies. */
const LEAST = 50;

/** What a shop sells and to whom: at a standard and a reduced rate, prices with tax or without; amounts in coins. */
export interface Shop {
  included: boolean;
  currency: Currency;
  standard: number;
  reduced: number;
  discount?: { kind: 'percent'; share: number } | { kind: 'fixed'; amount: number } | null;
  wishes: { covered: boolean; price: number; category: 'standard' | 'reduced' | 'exempt'; quantity: number }[];
}

export const shops: fc.Arbitrary<Shop> = fc.record({
  included: fc.boolean(),
  currency: fc.constantFrom(...(Object.keys(CURRENCIES) as Currency[])),
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

/** The cart as the oracle reads it: one line a unit, in the order in which they are sold. */
export function cartOf(shop: Shop): Cart {
  const rates = { standard: shop.standard, reduced: shop.reduced, exempt: 0 };
  const { coin } = CURRENCIES[shop.currency];
  const lines = shop.wishes.flatMap(({ price, category, quantity, covered }) =>
    Array(quantity).fill({ price: price * coin, rate: rates[category], discounted: covered }),
  );
  const { discount = null } = shop;
  const scaled = discount?.kind === 'fixed' ? { ...discount, amount: discount.amount * coin } : discount;
  return { lines, included: shop.included, discount: scaled, coin };
}

export const canBePaid = (total: number, { currency }: Shop) => total >= LEAST * CURRENCIES[currency].coin;

export async function openTill() {
  const world = await openWorld();
  const hands = world.hands(false);
  const scene = sceneOf(world, hands);
  const { tenantId, customerId } = world;
  const step = { step: 'test', phase: 'do' as const };

  async function open({ included, standard, reduced }: Shop): Promise<void> {
    const em = world.em();
    await em.nativeUpdate(Tenant, { id: tenantId }, { country: COUNTRY, pricesIncludeTax: included });
    await em.nativeDelete(TaxRate, { tenantId });
    for (const [category, rate] of Object.entries({ standard, reduced }) as ['standard' | 'reduced', number][])
      em.create(TaxRate, { id: newId(), tenantId, country: COUNTRY, category, rate, validFrom: '2020-01-01' });
    await em.flush();
  }

  async function products({ wishes, currency }: Shop): Promise<Product[]> {
    const em = world.em();
    const rows = wishes.map(({ price, category }) =>
      em.create(Product, {
        ...{ id: newId(), tenantId, name: 'Pod', type: 'cloudpod', sku: newId().toUpperCase(), taxCategory: category },
        metadata: { kind: 'qemu', cpu: 1, ramMb: 512, diskGb: 10, image: 'debian-12' },
        billingCycles: [{ cycle: 'monthly', amount: price * CURRENCIES[currency].coin, currency }],
      }),
    );
    await em.flush();
    return rows;
  }

  /** A coupon for the products that are covered; none where it would be for nothing. */
  async function coupon(
    { wishes, discount, currency }: Shop,
    sold: Product[],
    terms: Partial<Coupon> = {},
  ): Promise<string | undefined> {
    const productIds = sold.filter((_, at) => wishes[at]!.covered).map(({ id }) => id);
    if (!discount || !productIds.length) return undefined;
    const worth =
      discount.kind === 'percent'
        ? { share: discount.share }
        : { amount: discount.amount * CURRENCIES[currency].coin, currency };
    const code = newId().toUpperCase();
    const row = { id: newId(), tenantId, code, productIds, recurring: false, ...terms };
    await world.em().insert(Coupon, { ...row, kind: discount.kind, ...worth });
    return code;
  }

  const order = (wish: Omit<OrderWish, 'customerId'>) =>
    placeOrder(scene.ctx('orders.create'), { customerId, ...wish });

  return {
    ...{ world, hands, scene, step, open, products, coupon, order },

    /** Opens the shop and orders all it sells. */
    async buy(shop: Shop, terms: Partial<Coupon> = {}) {
      await open(shop);
      const sold = await products(shop);
      const couponCode = await coupon(shop, sold, terms);
      const items = sold.map(({ id: productId }, at) => ({
        ...{ productId, billingCycle: 'monthly' as const, quantity: shop.wishes[at]!.quantity },
      }));
      const placed = await order({ items, couponCode });
      const subscriptions = await world
        .em()
        .find(Subscription, { orderItemId: { $in: placed.items.map(({ id }) => id) } }, { orderBy: { id: 'asc' } });
      return { ...placed, subscriptions, sold, couponCode };
    },

    async pay(invoiceId: string): Promise<void> {
      const session = await scene.page({ id: invoiceId });
      await world.running('stripe').acts?.pay?.({ session });
    },

    jobOf: async ({ id: orderId }: Order) => ({
      ...jobInput(await world.em().findOneOrFail(Job, { orderId, type: 'order_fulfil' })),
      ...step,
    }),

    /** Charges of an invoice in minor units of ISO 4217, as Stripe has them. */
    atStripe(invoiceId: string): { amount: number; kept: number; currency: string }[] {
      const { charges } = world.running('stripe').state() as {
        charges: { amount: number; amount_refunded: number; currency: string; metadata: { invoiceId?: string } }[];
      };
      return charges
        .filter(({ metadata }) => metadata.invoiceId === invoiceId)
        .map(({ amount, amount_refunded: back, currency }) => {
          const { minor, stripes } = CURRENCIES[currency.toUpperCase() as Currency];
          const ours = (counted: number) => (counted * minor) / stripes;
          return { amount: ours(amount), kept: ours(amount - back), currency };
        });
    },

    /** The invoice of a subscription's period from this day on. */
    async renewal({ id }: { id: string }, renewsAt: string): Promise<Invoice> {
      const dates = { status: 'active' as const, startsAt: new Date('2030-12-01'), renewsAt: new Date(renewsAt) };
      await world.em().nativeUpdate(Subscription, { id }, dates);
      const job = { jobId: newId(), type: 'subscription_renew' as const, tenantId, customerId, orderId: null };
      await hands.activities.makeRenewalInvoice({ ...job, ...step, targetId: id });
      return world.em().findOneOrFail(Invoice, { subscriptionId: id, periodStart: new Date(renewsAt) });
    },

    /** How often the coupon of a code counts as used. */
    async uses(code: string | undefined): Promise<number> {
      const [row] = await world.rows<{ count: number }>(
        `select count(*)::int as count from coupon_use join coupon on coupon.id = coupon_id where code = '${code}'`,
      );
      return row?.count ?? -1;
    },

    async close(): Promise<void> {
      await hands.close();
      await world.close();
    },
  };
}
export type Till = Awaited<ReturnType<typeof openTill>>;
