import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { untold } from '../../support/audit-replay.ts';
import type { Block } from './host.ts';
import { clean, leftovers, play, type Run, refusedAfter, type Trial, trials, unwound, unwoundFrom } from './laws.ts';
import type { Memory } from './memory.ts';
import { nameOf, type Point, refusable } from './points.ts';
import { processOf } from './process.ts';
import { type Stage, titleOf } from './stages/index.ts';
import { openWorld, type World } from './world.ts';

/** How often an undo tries by itself, blocked, before an operator looks. */
const WAITS = 2;
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

  describe.each(stages.map((stage) => [titleOf(stage), stage] as const))('%s', (_, stage) => {
    const saga = processOf(stage);
    const last = saga.steps.at(-1)!.name;

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
      'law 2: ended by force before any step and begun anew, ends the same',
      async () => {
        const { run, memories } = await clean(world, stage);
        expect(await anew(world, stage, memories, (again) => differs(again, run))).toEqual([]);
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
      test.each([
        ['a cut lasts', undefined],
        ['it is refused', true],
      ] as const)(
        'law 2: shown as blocked while %s, and done once it is mended',
        async (_, refused) => {
          const recording = await clean(world, stage);
          const { run } = recording;
          if (refused && refusable(recording.points).length === 0) return;
          const direction = () => ({ decide: mended(world) });
          const tried = await trials(world, stage, recording, { times: null, refused, direction });
          const whole = ({ point }: Trial) => (refused && point.system === 'mail' ? unmailed(run) : run);
          expect(wrong(tried, (trial) => [...elsewhere(trial), ...differs(trial.run, whole(trial))])).toEqual([]);
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

    test(
      'law 2: refused for good, fails at that step and leaves nothing',
      async () => {
        const recording = await clean(world, stage);
        const { run } = recording;
        if (refusable(recording.points).length === 0) return;
        const direction = () => ({ turn: () => world.mend() });
        const tried = await trials(world, stage, recording, { times: null, refused: true, direction });
        expect(
          wrong(tried, (trial) =>
            trial.run.outcome === 'completed'
              ? differs(trial.run, run)
              : [...elsewhere(trial), ...turnedElsewhere(trial), ...leftovers(trial.run, stage)],
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
      'law 3: ended by force before any undo and begun anew, leaves nothing',
      async () => {
        const { memories } = await unwound(world, stage);
        const undone = new Map([...memories].filter(([place]) => place.startsWith('undo ')));
        const judge = (again: Run) => [
          ...(again.outcome === 'compensated' ? [] : [again.outcome]),
          ...leftovers(again, stage),
        ];
        expect(await anew(world, stage, undone, judge)).toEqual([]);
      },
      LONG,
    );

    test(
      'law 3: an undo that does not work for long is shown as blocked with its reason, and retry makes it try at once',
      async () => {
        const refused = refusedAfter(last);
        const { points, memories } = await unwound(world, stage);
        const undone = { memories, points: onePerStep(points.filter(({ phase }) => phase === 'undo')) };
        const shown: string[] = [];
        const direction = () => ({ ...refused, decide: patient(world, shown) });
        const tried = await trials(world, stage, undone, { times: null, direction });
        expect(
          wrong(tried, (trial) => [...elsewhere(trial), ...unshown(trial), ...leftovers(trial.run, stage)]),
        ).toEqual([]);
        expect(shown).toEqual([]);
      },
      LONG,
    );

    test.each([['', last], ...(stage.turns ? [[`, after "${stage.turns}"`, stage.turns] as const] : [])])(
      `law 3: an undo that fails ${FAILURES} times is shown as blocked and leaves nothing%s`,
      async (_, turn) => {
        const { points, memories } = await unwoundFrom(world, stage, turn);
        const undone = { memories, points: points.filter(({ phase }) => phase === 'undo') };
        expect(undone.points.map(nameOf)).toMatchSnapshot('points');
        const direction = () => ({ ...refusedAfter(turn), decide: () => undefined });
        const tried = await trials(world, stage, undone, { times: FAILURES, direction });
        expect(wrong(tried, (trial) => [...elsewhere(trial), ...leftovers(trial.run, stage)])).toEqual([]);
        expect(tried.map(ending)).toMatchSnapshot();
      },
      LONG,
    );
  });
}

/** What is wrong with a run that begins anew from each of these, under its name. */
async function anew(
  world: World,
  stage: Stage,
  memories: ReadonlyMap<string, Memory>,
  judge: (again: Run) => string[],
): Promise<string[]> {
  const found: string[] = [];
  for (const [place, memory] of memories) {
    const again = await play(world, stage, () => ({}), memory);
    const blocked = again.blocks.map(({ step, failure }) => `blocked at ${step}: ${failure.reason}`);
    found.push(...[...blocked, ...judge(again)].map((line) => `${place}: ${line}`));
  }
  return found;
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

/** Whether it was turned back somewhere else than where it was refused. */
function turnedElsewhere({ point, run }: Trial): string[] {
  return run.turned === point.step ? [] : [`turned back at ${run.turned}: ${run.reason}`];
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

/** What the relay will never take holds nothing up: that mail alone is missing. */
const unmailed = (run: Run): Run => ({ ...run, changes: run.changes.filter((line) => !line.startsWith('+ mail ')) });

/** Whether it was blocked somewhere else than at the cut, or without a word. */
function elsewhere({ point, run }: Trial): string[] {
  return run.blocks.flatMap(({ step, phase, failure }) => [
    ...(step === point.step && phase === point.phase ? [] : [`blocked at ${phase} ${step}: ${failure.reason}`]),
    ...(failure.reason ? [] : ['blocked without a reason']),
    ...(/\b(insert into|update|delete from|select)\b.*"/i.test(failure.reason) ? [`tells SQL: ${failure.reason}`] : []),
  ]);
}

/** Of each step the first point that changes something, or else that asks something, cut before it. */
function onePerStep(points: Point[]): Point[] {
  const changing = points.toSorted((a, b) => b.cuts.length - a.cuts.length);
  return [
    ...new Map(changing.toReversed().map((point) => [point.step, { ...point, cuts: ['before'] as const }])).values(),
  ];
}

/** Whether it was blocked once for each time that it was left to itself, and once more for the operator. */
function unshown({ run }: Trial): string[] {
  return run.blocks.length === WAITS + 1 ? [] : [`blocked ${run.blocks.length} times`];
}

/** The operator who lets an undo try by itself some times, reads why it does not work, mends that and presses retry. */
function patient(world: World, wrongly: string[]) {
  let waited = 0;
  return async ({ step, failure }: Block) => {
    const sql = `select j.status, j.reason, s.status as step, s.decisions from job j join job_step s on s.job_id = j.id
      where j.status = 'blocked' and s.name = '${step}'`;
    const rows = await world.rows<{ status: string; reason: string; step: string; decisions: string[] }>(sql);
    const [row] = rows;
    if (
      rows.length !== 1 ||
      row?.step !== 'blocked' ||
      row.reason !== failure.reason ||
      !/[a-z] [a-z]/.test(row.reason)
    )
      wrongly.push(`${step}: ${JSON.stringify(rows)}`);
    if (JSON.stringify(row?.decisions) !== '["retry","skip"]') wrongly.push(`${step}: allows ${row?.decisions}`);
    if (waited++ < WAITS) return undefined;
    world.mend();
    return { kind: 'retry' as const, reason: 'mended' };
  };
}

const ending = ({ name, run }: Trial): string => `${name}: ${run.blocks.length ? 'blocked, ' : ''}${run.outcome}`;

/** The operator who mends what is broken and presses retry. */
function mended(world: World) {
  return (_block: Block) => {
    world.mend();
    return { kind: 'retry' as const, reason: 'mended' };
  };
}
