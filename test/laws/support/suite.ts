import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { untold } from '../../support/audit-replay.ts';
import type { Block } from './host.ts';
import { clean, leftovers, play, type Run, refusedAfter, type Trial, trials, unwound } from './laws.ts';
import { nameOf } from './points.ts';
import { processOf } from './process.ts';
import type { Stage } from './stages/index.ts';
import { openWorld, type World } from './world.ts';

/** How often an undo fails before it works. */
const FAILURES = 20;
const LONG = 900_000;

/** The three laws, over stages that share one world. */
export function laws(stages: readonly Stage[]): void {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  }, LONG);
  afterAll(() => world.close(), LONG);

  describe.each(stages.map((stage) => [[stage.saga, stage.about].filter(Boolean).join(', '), stage] as const))(
    '%s',
    (_, stage) => {
      const saga = processOf(stage);

      test(
        'delivers, and its points are these',
        async () => {
          const { run, points } = await clean(world, stage);
          expect(run.outcome).toBe('completed');
          expect(await untold(world.em())).toEqual([]);
          expect(run.changes).toMatchSnapshot('what is there in the end');
          expect(points.map(nameOf)).toMatchSnapshot('points');
        },
        LONG,
      );

      test(
        'law 1: each step twice has one effect',
        async () => {
          const { run } = await clean(world, stage);
          expect(await play(world, stage, () => ({ twice: 'do' }))).toEqual(run);
        },
        LONG,
      );

      test(
        'law 2: delivers whatever is cut once',
        async () => {
          const recording = await clean(world, stage);
          const { run } = recording;
          const tried = await trials(world, stage, recording, { times: 1 });
          expect(
            wrong(tried, ({ run: got }) => [...(got.blocks.length ? ['blocked'] : []), ...differs(got, run)]),
          ).toEqual([]);
        },
        LONG,
      );

      if (saga.forwardOnly) {
        test(
          'law 2: shown as blocked while a cut lasts, and done once it is mended',
          async () => {
            const recording = await clean(world, stage);
            const { run } = recording;
            const direction = () => ({ decide: mended(world) });
            const tried = await trials(world, stage, recording, { times: null, direction });
            expect(wrong(tried, (trial) => [...elsewhere(trial), ...differs(trial.run, run)])).toEqual([]);
            expect(tried.map(ending)).toMatchSnapshot();
          },
          LONG,
        );
        return;
      }

      test(
        'law 2: recovers from a cut that lasts, or fails at that step and leaves nothing',
        async () => {
          const recording = await clean(world, stage);
          const { run } = recording;
          const direction = () => ({ turn: () => world.mend() });
          const tried = await trials(world, stage, recording, { times: null, direction });
          expect(
            wrong(tried, (trial) =>
              trial.run.outcome === 'completed'
                ? differs(trial.run, run)
                : [...elsewhere(trial), ...leftovers(trial.run, stage)],
            ),
          ).toEqual([]);
          expect(tried.map(ending)).toMatchSnapshot();
        },
        LONG,
      );

      test.each(saga.steps.map(({ name }) => name))(
        'law 3: each undo twice after "%s" leaves nothing',
        async (name) => {
          const run = await play(world, stage, () => ({ ...refusedAfter(name), twice: 'undo' }));
          expect(await untold(world.em())).toEqual([]);
          expect([run.outcome, run.blocks, leftovers(run, stage)]).toEqual(['compensated', [], []]);
        },
        LONG,
      );

      test(
        `law 3: an undo that fails ${FAILURES} times is shown as blocked and leaves nothing`,
        async () => {
          const refused = refusedAfter(saga.steps.at(-1)!.name);
          const { points, memories } = await unwound(world, stage);
          const undone = { memories, points: points.filter(({ phase }) => phase === 'undo') };
          expect(undone.points.map(nameOf)).toMatchSnapshot('points');
          const direction = () => ({ ...refused, decide: () => undefined });
          const tried = await trials(world, stage, undone, { times: FAILURES, direction });
          expect(wrong(tried, (trial) => [...elsewhere(trial), ...leftovers(trial.run, stage)])).toEqual([]);
          expect(tried.map(ending)).toMatchSnapshot();
        },
        LONG,
      );
    },
  );
}

/** What is wrong with each trial, under its name. */
function wrong(tried: Trial[], judge: (trial: Trial) => string[]): string[] {
  expect(tried.length).toBeGreaterThan(0);
  return tried.flatMap((trial) => {
    const found = [...(trial.struck ? [] : ['the cut never struck']), ...judge(trial)];
    const about = trial.run.blocks[0] ? ` [${trial.run.blocks[0].step}: ${trial.run.blocks[0].failure.reason}]` : '';
    return found.map((line) => `${trial.name}${about}: ${line}`);
  });
}

/** Where a run ended otherwise than one that nothing disturbed. */
function differs(run: Run, undisturbed: Run): string[] {
  if (run.outcome !== 'completed') return [`${run.outcome}: ${run.reason}`];
  const [is, was] = [run.changes, undisturbed.changes];
  return [
    ...is.filter((line) => !was.includes(line)).map((line) => `too much: ${line}`),
    ...was.filter((line) => !is.includes(line)).map((line) => `missing: ${line}`),
    ...(is.length === was.length ? [] : [`${is.length} changes instead of ${was.length}`]),
  ];
}

/** Whether it was blocked somewhere else than at the cut, or without a word. */
function elsewhere({ point, run }: Trial): string[] {
  return run.blocks.flatMap(({ step, phase, failure }) => [
    ...(step === point.step && phase === point.phase ? [] : [`blocked at ${phase} ${step}: ${failure.reason}`]),
    ...(failure.reason ? [] : ['blocked without a reason']),
  ]);
}

const ending = ({ name, run }: Trial): string => `${name}: ${run.blocks.length ? 'blocked, ' : ''}${run.outcome}`;

/** The operator who mends what is broken and presses retry. */
function mended(world: World) {
  return (_block: Block) => {
    world.mend();
    return { kind: 'retry' as const, reason: 'mended' };
  };
}
