import { sum } from '../money.ts';
import { split } from './allocate.ts';
import { type Discount, discounts } from './discount.ts';
import { taxOf } from './rate.ts';
import { shareOf } from './share.ts';

/** One thing to be sold, in minor units of the quote's currency. */
export interface Priced {
  /** As listed: with or without tax, as the terms say. */
  price: number;
  /** Of its tax, in millionths. */
  rate: number;
  /** Whether the discount is for it. */
  discounted: boolean;
}

export interface Terms {
  /** Listed prices include the tax. */
  included: boolean;
  discount: Discount | null;
  /** What amounts are multiples of: the smallest that can be charged. Prices have to be such. */
  coin: number;
}

/** What one thing comes to. `charged` = `net` + `tax` is what is paid for it, and what goes back when it is not delivered. */
export interface Share {
  price: number;
  discount: number;
  net: number;
  tax: number;
  rate: number;
  charged: number;
}

export interface Quote {
  /** In the order of what was asked. */
  shares: Share[];
  discount: number;
  subtotal: number;
  tax: number;
  /** `subtotal` + `tax`, and the sum of what is charged for each thing. */
  total: number;
}

/**
 * Prices a cart, an order or a renewal: the only place where money is rounded. The discount is rounded once, the tax once
 * for each rate (as EN 16931 BR-CO-17 counts it), and both are split over the things so that no unit is lost.
 */
export function quote(things: readonly Priced[], { included, discount, coin }: Terms): Quote {
  const prices = things.map(({ price }) => price);
  const chosen = things.map(({ discounted }) => discounted);
  const off = among(prices, chosen, (some) => discounts(some, discount, coin));
  const left = prices.map((price, at) => price - (off[at] ?? 0));
  const rates = things.map(({ rate }) => rate);
  const taxed = [...new Set(rates)].map((rate) =>
    among(
      left,
      rates.map((one) => one === rate),
      (some) => split(taxOf(sum(some), rate, included, coin), some, coin),
    ),
  );
  const shares = things.map(({ price, rate }, at) => {
    const tax = sum(taxed.map((amounts) => amounts[at] ?? 0));
    const written = { price, discount: off[at] ?? 0, tax };
    return { ...written, rate, ...shareOf(written, included) };
  });
  const [subtotal, tax] = [sum(shares.map((share) => share.net)), sum(shares.map((share) => share.tax))];
  return { shares, discount: sum(off), subtotal, tax, total: subtotal + tax };
}

/** What `work` makes of the chosen amounts, each in its place; nothing for the others. */
function among(
  amounts: readonly number[],
  chosen: readonly boolean[],
  work: (some: readonly number[]) => number[],
): number[] {
  const shares = work(amounts.filter((_, at) => chosen[at])).values();
  return amounts.map((_, at) => (chosen[at] ? (shares.next().value ?? 0) : 0));
}
