import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { JOB_TYPES } from '../../workflows/catalog.ts';
import { STEP_ACTIVITIES } from '../../workflows/contract.ts';
import { sagas } from '../../workflows/sagas.ts';
import { STAGES, type Stage } from './support/stages/index.ts';

/** What repairs a difference is whatever a finding says: played with each kind of finding in test/e2e/reconcile.test.ts. */
const ELSEWHERE = { job: 'drift', activity: 'settleDrift' };

const stages = Object.values<readonly Stage[]>(STAGES).flat();

test('every job has a stage, so that the laws are tried on it', () => {
  const staged = new Set(stages.map(({ saga }) => saga));
  expect(JOB_TYPES.filter((type) => !staged.has(type) && type !== ELSEWHERE.job)).toEqual([]);
});

test('every activity that changes something is played on some stage', () => {
  const answering = ['settlePayments', 'closeUnpaidOrder', 'refundItem', 'finishOrder', 'sendOrderMails'];
  const played = new Set<string>([
    ...stages.flatMap(({ acts = [] }) => acts.map((act) => act.do)),
    ...sagas.flatMap(({ steps }) => steps.flatMap((step) => [step.do, ...(step.undo ? [step.undo] : [])])),
  ]);
  expect([...STEP_ACTIVITIES, ...answering].filter((name) => !played.has(name) && name !== ELSEWHERE.activity)).toEqual(
    [],
  );
});

test('every group of stages is played by a test file of its name', () => {
  const files = new Set(readdirSync(import.meta.dirname));
  expect(Object.keys(STAGES).filter((group) => !files.has(`${group}.test.ts`))).toEqual([]);
});
