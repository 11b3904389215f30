import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { record, trials } from '../laws/support/laws.ts';
import { STAGES } from '../laws/support/stages/index.ts';
import { openWorld, type World } from '../laws/support/world.ts';

/** Longer than an attempt may take where a cut lasts. */
const SLOW_MS = 2_000;

let world: World;
beforeAll(async () => {
  world = await openWorld();
}, 60_000);
afterAll(() => world?.close());

/**
 * While the points of a step were recorded on a busy machine its first attempt was cut off for taking long, and the world
 * before the second, in which the order was final already, was taken for the world before the step: no cut at what the
 * first had done could strike.
 */
test('what a slow machine records can be cut where it was recorded', async () => {
  const stage = STAGES.certificates[0]!;
  const finalize = '^POST /finalize/';
  const slow = { match: finalize, phase: 'after' as const, action: { kind: 'delay' as const, ms: SLOW_MS } };
  let slowed = false;
  const recording = await record(world, stage, {
    leave() {
      if (!slowed) world.self('acme').faults.add(slow);
      slowed = true;
    },
  });
  const points = recording.points.filter(
    ({ step, match }) => step === 'issue certificate' && match.startsWith(finalize),
  );
  expect(points).toHaveLength(1);
  const tried = await trials(world, stage, { ...recording, points }, { times: 1 });
  expect(tried.map(({ name, struck }) => [name.split(' · ').at(-1), struck])).toEqual([
    ['before', true],
    ['after', true],
  ]);
}, 60_000);
