import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { currencyDigits, formatMoney, toDecimal, toMinor } from '../../core/money.ts';

test.each([
  [9.99, 'USD', 999],
  [0.1 + 0.2, 'EUR', 30],
  [500, 'JPY', 500],
  [1.234, 'KWD', 1234],
])('%d %s is %d minor units', (amount, currency, minor) => {
  expect(toMinor(amount, currency)).toBe(minor);
});

test.each([
  [9.999, 'USD'],
  [0.5, 'JPY'],
  [Number.NaN, 'USD'],
  [1e17, 'USD'],
])('%d is no amount of %s', (amount, currency) => {
  expect(() => toMinor(amount, currency)).toThrow(RangeError);
});

test('what goes out to a contract comes back the same', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -99_999_999, max: 99_999_999 }),
      fc.constantFrom('USD', 'JPY', 'KWD'),
      (minor, currency) => {
        expect(toMinor(toDecimal(minor, currency), currency)).toBe(minor);
      },
    ),
  );
});

test('amounts are written with the digits of their currency', () => {
  expect(formatMoney(1000, 'USD')).toBe('10.00 USD');
  expect(formatMoney(1000, 'JPY')).toBe('1000 JPY');
  expect(currencyDigits('BHD')).toBe(3);
});
