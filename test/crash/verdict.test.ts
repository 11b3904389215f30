import { expect, test } from '@jest/globals';
import type { Violation } from '../../crash/invariants/index.ts';
import { verdict } from '../../crash/verdict.ts';

const gone: Violation = { invariant: 'runs', what: 'job expiry_sweep/1 goes on without a workflow' };
const kept = (cents: number): Violation => ({ invariant: 'money', what: `${cents} were kept, 100 were delivered` });
const late: Violation = { invariant: 'mails', what: 'a@customer.test got 2 mails about 1 orders' };

/** Each look shows the next of these. */
function looks(...shown: Violation[][]) {
  let taken = 0;
  return { look: async () => shown[taken++] ?? [], taken: () => taken };
}
const asItIs = (violations: Violation[]) => violations;

test('what a second look does not show any more, or shows for the first time, was under way', async () => {
  const { look } = looks([gone, kept(300)], [kept(200), late]);
  expect(await verdict(look, asItIs, 0)).toEqual({ evidence: [kept(200), late], violations: [kept(200)] });
});

test('where all is well one look is enough', async () => {
  const { look, taken } = looks([], [gone]);
  expect(await verdict(look, asItIs, 0)).toEqual({ evidence: [], violations: [] });
  expect(taken()).toBe(1);
});
