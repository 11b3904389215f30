import fc from 'fast-check';
import type { Cart } from './oracle.ts';

/** Rates that there are, in millionths: none, Luxembourg, Switzerland, New York, France, Germany, Hungary. */
export const RATES = [0, 30_000, 81_000, 88_750, 55_000, 190_000, 270_000];

export const discounts = fc.oneof(
  fc.constant(null),
  fc.record({ kind: fc.constant('percent' as const), share: fc.integer({ min: 0, max: 1_000_000 }) }),
  fc.record({ kind: fc.constant('fixed' as const), amount: fc.integer({ min: 0, max: 20_000 }) }),
);

/** Small prices, where a lost unit shows, and very large ones, where a float would lose it. */
const price = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: 9_999 }),
  fc.integer({ min: 0, max: 1e11 }),
);

export const carts: fc.Arbitrary<Cart> = fc
  .record({
    lines: fc.array(fc.record({ price, rate: fc.constantFrom(...RATES), discounted: fc.boolean() }), {
      minLength: 1,
      maxLength: 12,
    }),
    included: fc.boolean(),
    discount: discounts,
    coin: fc.constantFrom(1, 10),
  })
  .map(({ lines, discount: given, coin, ...rest }) => ({
    ...rest,
    coin,
    lines: lines.map((line) => ({ ...line, price: line.price * coin })),
    discount: given?.kind === 'fixed' ? { ...given, amount: given.amount * coin } : given,
  }));
