import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { JOB_TYPES } from '../../workflows/catalog.ts';
import { STEP_ACTIVITIES } from '../../workflows/contract.ts';
import { readName } from './support/points.ts';
import { processOf } from './support/process.ts';
import { STAGES, type Stage, titleOf } from './support/stages/index.ts';

/** Activities that only look, so that none of their points changes anything. */
const LOOKING: readonly string[] = [
  // What they claim was written with the order: they only see whether it is still wanted. Their undo is what changes it.
  'claimAddon',
  'holdCertificate',
  // Asks the guest's own door which certificate it serves.
  'verifyCertificate',
];
/** Steps of workflows that are no sagas. */
const ANSWERING = ['settlePayments', 'closeUnpaidOrder', 'refundItem', 'finishOrder', 'sendOrderMails'];

const stages = Object.values<readonly Stage[]>(STAGES).flat();
const activities = [...STEP_ACTIVITIES, ...ANSWERING];

test('every job has a stage, so that the laws are tried on it', () => {
  const staged = new Set(stages.map(({ saga }) => saga));
  expect(JOB_TYPES.filter((type) => !staged.has(type))).toEqual([]);
});

test('every activity changes something on some stage, but for those that only look', () => {
  const changing = new Set(Object.entries(STAGES).flatMap(([group, list]) => changingOn(list, pointsOf(group))));
  expect(activities.filter((name) => !changing.has(name)).sort()).toEqual(LOOKING.toSorted());
});

test('every group of stages is played by a test file of its name', () => {
  const files = new Set(readdirSync(import.meta.dirname));
  expect(Object.keys(STAGES).filter((group) => !files.has(`${group}.test.ts`))).toEqual([]);
});

/** The activities behind the points at which something is changed. */
function changingOn(list: readonly Stage[], points: Map<string, string[]>): string[] {
  return list.flatMap((stage) => {
    const { steps } = processOf(stage);
    const named = points.get(titleOf(stage)) ?? [];
    const changed = new Set(named.map(readName).flatMap(({ step, changes }) => (changes ? [step] : [])));
    return steps.flatMap((step) => [
      ...(changed.has(step.name) ? [step.do] : []),
      ...('undo' in step && step.undo && changed.has(`undo ${step.name}`) ? [step.undo] : []),
    ]);
  });
}

/** The recorded points of a group, done and undone, by the title of their stage. */
function pointsOf(group: string): Map<string, string[]> {
  const recorded = readFileSync(`${import.meta.dirname}/__snapshots__/${group}.test.ts.snap`, 'utf8');
  const lists = recorded.matchAll(/^exports\[`(.*) (?:delivers, |law 3: )[^`]*: points \d+`\] = `\n([^`]*)`;$/gm);
  const points = new Map<string, string[]>();
  for (const [, title = '', list = ''] of lists)
    points.set(title, [
      ...(points.get(title) ?? []),
      ...[...list.matchAll(/^ {2}"(.*)",$/gm)].map(([, name]) => name!),
    ]);
  return points;
}
