import { sum } from '../money.ts';
import { split } from './allocate.ts';
import { MILLION } from './rate.ts';
import { portion } from './round.ts';

/** What a coupon takes off: a share in millionths, or an amount in minor units, at most all there is. */
export type Discount = { kind: 'percent'; share: number } | { kind: 'fixed'; amount: number };

/**
 * What is taken off each of these prices. It is counted once, for all that it applies to, and then split by their prices,
 * so that three thirds of 10.00 are 10.00.
 */
export function discounts(prices: readonly number[], discount: Discount | null, coin: number): number[] {
  const whole = sum(prices);
  return split(discount ? off(whole, discount, coin) : 0, prices, coin);
}

function off(whole: number, discount: Discount, coin: number): number {
  return discount.kind === 'fixed' ? Math.min(discount.amount, whole) : portion(whole, discount.share, MILLION, coin);
}
