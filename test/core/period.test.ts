import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BILLING_CYCLES, periodEnd } from '../../core/period.ts';

const day = (date: Date) => date.toISOString().slice(0, 10);

test('the 31st stays the 31st after a short month', () => {
  const anchor = new Date('2027-01-31T10:00:00Z');
  expect([1, 2, 3, 4].map((count) => day(periodEnd(anchor, 'monthly', count)))).toEqual([
    '2027-02-28',
    '2027-03-31',
    '2027-04-30',
    '2027-05-31',
  ]);
});

test('29 February renews on the 28th and comes back in a leap year', () => {
  const anchor = new Date('2028-02-29T00:00:00Z');
  expect([1, 4].map((count) => day(periodEnd(anchor, 'yearly', count)))).toEqual(['2029-02-28', '2032-02-29']);
});

test('periods follow each other without gap or overlap, at the same time of day', () => {
  const dates = fc.date({ min: new Date('2020-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(dates, fc.constantFrom(...BILLING_CYCLES), fc.integer({ min: 1, max: 60 }), (anchor, cycle, count) => {
      const [before, after] = [periodEnd(anchor, cycle, count - 1), periodEnd(anchor, cycle, count)];
      expect(before.getTime()).toBeLessThan(after.getTime());
      expect(after.toISOString().slice(10)).toBe(anchor.toISOString().slice(10));
      expect(after.getUTCDate()).toBeLessThanOrEqual(anchor.getUTCDate());
    }),
  );
});
