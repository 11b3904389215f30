import { expect, test } from '@jest/globals';
import { JOB_TYPES } from '../../workflows/catalog.ts';
import { STEP_ACTIVITIES } from '../../workflows/contract.ts';
import { sagas } from '../../workflows/sagas.ts';

/** Jobs that are no list of steps: they wait, ask and decide. */
const NO_SAGAS = ['order_fulfil', 'subscription_cancel', 'payment_settle', 'drift'];

test('every job type has its saga in the list', () => {
  expect([...sagas.map((saga) => saga.type), ...NO_SAGAS].sort()).toEqual([...JOB_TYPES].sort());
});

test('every step activity is used by some saga, or by none of ours: then it goes', () => {
  const used = new Set(
    sagas.flatMap((saga) => saga.steps.flatMap((step) => [step.do, ...(step.undo ? [step.undo] : [])])),
  );
  const elsewhere = ['endSubscription', 'destroyService', 'settleDrift'];
  expect(STEP_ACTIVITIES.filter((name) => !used.has(name) && !elsewhere.includes(name))).toEqual([]);
});

test.each(sagas.map((saga) => [saga.type, saga] as const))(
  '%s: step names are unique and forward-only has no undo',
  (_, saga) => {
    const names = saga.steps.map((step) => step.name);
    expect(new Set(names).size).toBe(names.length);
    if (saga.forwardOnly) expect(saga.steps.filter((step) => step.undo)).toEqual([]);
  },
);
