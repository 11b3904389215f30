import type { JobOutcome } from '../../../workflows/catalog.ts';
import { StepFailure } from '../../../workflows/saga.ts';
import { type Block, type Direction, type Place, PlainHost } from './host.ts';
import { type Memory, memorize, recall } from './memory.ts';
import { type Cutting, cutAt, nameOf, type Point, recorder, refusable } from './points.ts';
import { processOf } from './process.ts';
import { type Asked, sceneOf } from './scene.ts';
import { changes, slate } from './slate.ts';
import type { Stage } from './stages/index.ts';
import type { World } from './world.ts';

/** How a run went, and what it changed in the world. */
export interface Run {
  outcome: JobOutcome['outcome'];
  reason: string | undefined;
  blocks: Block[];
  /** The step at which it was turned back. */
  turned: string | undefined;
  /** Since before it was asked for. */
  changes: string[];
}

/** A stage ready to begin, to be gone back to before each run. */
interface Set {
  memory: Memory;
  /** The slate before the saga was asked for. */
  before: string[];
  asked: Asked;
}

async function setUp(world: World, stage: Stage): Promise<Set> {
  const hands = world.hands(false);
  try {
    await recall(world, world.first());
    const ask = await stage.arrange(sceneOf(world, hands));
    const before = await slate(world);
    const asked = await ask();
    return { memory: await memorize(world), before, asked };
  } finally {
    await hands.close();
  }
}
const setOf = once(setUp);

/** One run of a stage's saga, from its beginning or from what is remembered. `direct` is told once all is prepared. */
export async function play(
  world: World,
  stage: Stage,
  direct: () => Direction = () => ({}),
  remembered?: Memory,
): Promise<Run> {
  const { memory, before, asked } = await setOf(world, stage);
  await recall(world, remembered ?? memory);
  const [quiet, hands] = [world.hands(false), world.hands(true)];
  try {
    const host = new PlainHost(hands.activities, quiet.activities, asked.job, direct());
    const progress = await host.begin();
    const { outcome, reason } = await host.end(await processOf(stage).run(host, asked, progress));
    world.mend();
    if (outcome === 'compensated') await sceneOf(world, quiet).refund(asked, reason ?? '');
    return {
      outcome,
      reason,
      blocks: host.blocks,
      turned: host.turned,
      changes: changes(before, await slate(world))
        .map(withoutIds)
        .sort(),
    };
  } finally {
    world.mend();
    await Promise.all([quiet.close(), hands.close()]);
  }
}

// What is random in every run: ids, serials, hashes, keys, hardware addresses, handles of contacts, times in names.
const RANDOM =
  /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b[0-9a-f]{20,}\b|(?<=k=rsa; p=).+|BC(?::[0-9A-F]{2}){5}|(?<=\bmp-)\w{8}|\b(?:ch|re|pi)_\w+|\d{4}(?:_\d\d){2}-\d\d(?:_\d\d){2}/g;
const withoutIds = (line: string) => line.replace(RANDOM, '*');

/** A run that nothing disturbs: how it went, all the points in it, and the world before each of its activities. */
export interface Recording {
  run: Run;
  points: Point[];
  memories: Map<string, Memory>;
}

export async function record(world: World, stage: Stage, direction: Direction = {}): Promise<Recording> {
  const memories = new Map<string, Memory>();
  let points: Point[] = [];
  const run = await play(world, stage, () => {
    const recording = recorder(world);
    points = recording.points;
    return {
      ...direction,
      async enter(step, phase) {
        const place = placeOf({ step, phase });
        // An attempt that follows one that failed finds a world in which some of it is done.
        if (!memories.has(place)) memories.set(place, await memorize(world));
      },
      leave(step, phase) {
        recording.leave(step, phase);
        direction.leave?.(step, phase);
      },
    };
  });
  return { run, points, memories };
}

export const clean = once((world, stage) => record(world, stage));
/** Refused after its last step, and undone. */
export const unwound = once((world, stage) => record(world, stage, refusedAfter(lastOf(stage))));
/** The same where it got no further than a step. */
export const unwoundFrom = (world: World, stage: Stage, step: string): Promise<Recording> =>
  step === lastOf(stage) ? unwound(world, stage) : record(world, stage, refusedAfter(step));

const lastOf = (stage: Stage): string => processOf(stage).steps.at(-1)!.name;

const placeOf = ({ step, phase }: Place): string => `${phase} ${step}`;

/** Done once for a stage in a world, then remembered. */
function once<T>(work: (world: World, stage: Stage) => Promise<T>) {
  const worlds = new WeakMap<World, Map<Stage, Promise<T>>>();
  return (world: World, stage: Stage): Promise<T> => {
    const known = worlds.get(world) ?? new Map<Stage, Promise<T>>();
    worlds.set(world, known);
    const there = known.get(stage) ?? work(world, stage);
    known.set(stage, there);
    return there;
  };
}

/** Refuses a step once it has done all that it does. */
export const refusedAfter = (at: string): Direction => ({
  leave(step, phase) {
    if (phase === 'do' && step === at) throw new StepFailure('refused', `refused by the law after ${at}`);
  },
});

/** What is left of a run that was undone. What was written into the audit trail stays there. */
export const leftovers = (run: Run, { keeps }: Stage): string[] =>
  run.changes.filter((line) => !line.startsWith('+ audit ') && !keeps?.test(line));

/** A cut and what came of it. */
export interface Trial {
  name: string;
  point: Point;
  run: Run;
  /** False where the run never came to the cut: then it proves nothing. */
  struck: boolean;
}

/** Goes on from each point's step once for each cut of the point. */
export async function trials(
  world: World,
  stage: Stage,
  { points, memories }: Pick<Recording, 'points' | 'memories'>,
  { times, refused, direction = () => ({}) }: Omit<Cutting, 'phase'> & { direction?: () => Direction },
): Promise<Trial[]> {
  const all: Trial[] = [];
  // A refusal has no effect, so that there is nothing to lose after it.
  for (const point of refused ? refusable(points) : points)
    for (const phase of refused ? (['before'] as const) : point.cuts) {
      let struck = () => false;
      const direct = (): Direction => {
        const cut = cutAt(world, point, { phase, times, refused });
        struck = cut.struck;
        const given = direction();
        return {
          ...given,
          hasty: times !== 1,
          from: point,
          enter: cut.enter,
          leave(step, at) {
            cut.leave();
            given.leave?.(step, at);
          },
        };
      };
      const run = await play(world, stage, direct, memories.get(placeOf(point))!);
      all.push({ name: `${nameOf(point)} · ${refused ? 'refused' : phase}`, point, run, struck: struck() });
    }
  return all;
}
