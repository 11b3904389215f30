import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { coinOf, toMinor } from '../../../core/money.ts';
import { allocate } from '../../../core/pricing/allocate.ts';
import { quote } from '../../../core/pricing/quote.ts';
import { isPercent, toMillionths, toPercent } from '../../../core/pricing/rate.ts';
import { carts } from './carts.ts';
import { type Cart, expected } from './oracle.ts';

const RUNS = 3_000;
const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
const priced = ({ lines, ...terms }: Cart) => quote(lines, terms);

describe('A cart of any kind', () => {
  test('comes to what exact fractions come to, line by line', () => {
    fc.assert(
      fc.property(carts, (cart) => {
        const { shares, total } = priced(cart);
        expect({
          charged: shares.map(({ charged }) => charged),
          tax: shares.map(({ tax }) => tax),
          discount: shares.map(({ discount }) => discount),
          total,
        }).toEqual(expected(cart));
      }),
      { numRuns: RUNS },
    );
  });

  test('adds up in every direction, and nothing in it is below zero', () => {
    fc.assert(
      fc.property(carts, (cart) => {
        const all = priced(cart);
        const { shares } = all;
        expect(all.total).toBe(all.subtotal + all.tax);
        expect(all.total).toBe(sum(shares.map(({ charged }) => charged)));
        expect(all.subtotal).toBe(sum(shares.map(({ net }) => net)));
        expect(all.discount).toBe(sum(shares.map(({ discount }) => discount)));
        expect(all.total % cart.coin).toBe(0);
        for (const share of shares) {
          expect(share.charged).toBe(share.net + share.tax);
          expect(cart.included ? share.charged : share.net).toBe(share.price - share.discount);
          expect(Math.min(share.net, share.tax, share.discount, share.charged)).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('without its tax costs the listed price, whatever the coupon is not for', () => {
    fc.assert(
      fc.property(carts, (cart) => {
        const lines = cart.lines.map((line) => ({ ...line, rate: 0, discounted: false }));
        expect(priced({ ...cart, lines }).total).toBe(sum(lines.map(({ price }) => price)));
      }),
    );
  });
});

describe('Worked examples', () => {
  const line = (amount: number, currency: string, rate: number) => ({
    price: toMinor(amount, currency),
    rate: toMillionths(rate),
    discounted: true,
  });
  const terms = { included: false, discount: null, coin: 1 };

  test.each([
    ['EUR', 9.99, 1.9],
    ['JPY', 999, 190],
    ['KWD', 9.99, 1.9],
  ])('19 %% in %s on %d is %d', (currency, amount, tax) => {
    expect(quote([line(amount, currency, 19)], { ...terms, coin: coinOf(currency) }).tax).toBe(toMinor(tax, currency));
  });

  test('tax is rounded once for a rate, not for each line: 3 × 0.33 at 20 % is 0.20', () => {
    const { shares, tax } = quote(Array(3).fill(line(0.33, 'EUR', 20)), terms);
    expect(tax).toBe(20);
    expect(shares.map((share) => share.tax)).toEqual([7, 7, 6]);
  });

  test('half a cent is rounded up', () => {
    expect(quote([line(0.5, 'EUR', 5)], terms).tax).toBe(3);
  });

  test('an advertised price is what is paid: 11.90 with 19 % in it is 10.00 and 1.90', () => {
    const { subtotal, tax, total } = quote([line(11.9, 'EUR', 19)], { ...terms, included: true });
    expect([subtotal, tax, total]).toEqual([1000, 190, 1190]);
  });

  test('10.00 off three equal things is 3.34, 3.33 and 3.33', () => {
    const { shares } = quote(Array(3).fill(line(9.99, 'EUR', 0)), {
      ...terms,
      discount: { kind: 'fixed', amount: 1000 },
    });
    expect(shares.map(({ discount }) => discount)).toEqual([334, 333, 333]);
  });

  test('no coupon takes off more than there is', () => {
    const { total, tax } = quote([line(9.99, 'EUR', 19)], { ...terms, discount: { kind: 'fixed', amount: 5000 } });
    expect([total, tax]).toEqual([0, 0]);
  });
});

test('an amount cannot be split over nothing', () => {
  expect(() => allocate(1, [0, 0])).toThrow(RangeError);
});

test('percentages of four digits after the point are kept exactly', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (rate) => {
      expect(isPercent(toPercent(rate))).toBe(true);
      expect(toMillionths(toPercent(rate))).toBe(rate);
    }),
  );
  expect(isPercent(0.00001)).toBe(false);
});
