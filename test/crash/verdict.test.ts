import { expect, test } from '@jest/globals';
import type { Violation } from '../../crash/invariants/index.ts';
import { verdict } from '../../crash/verdict.ts';

const gone: Violation = { invariant: 'runs', what: 'job expiry_sweep/1 goes on without a workflow' };
const orphan: Violation = { invariant: 'guests', what: 'guest 999 is no CloudPod’s' };
const late: Violation = { invariant: 'runs', what: 'workflow expiry_sweep/2 goes on without a job' };

/** Each look shows the next of these. */
function looks(...shown: Violation[][]) {
  let taken = 0;
  return { look: async () => shown[taken++] ?? [], taken: () => taken };
}
const asItIs = (violations: Violation[]) => violations;

test('what a second look does not show any more, or shows for the first time, was under way', async () => {
  const { look } = looks([gone, orphan], [orphan, late]);
  expect(await verdict(look, asItIs, 0)).toEqual({ evidence: [orphan, late], violations: [orphan] });
});

test('where all is well one look is enough', async () => {
  const { look, taken } = looks([], [orphan]);
  expect(await verdict(look, asItIs, 0)).toEqual({ evidence: [], violations: [] });
  expect(taken()).toBe(1);
});
