import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Phase as Cut, FaultAction } from '../../../sandbox/lib/faults.ts';
import type { Block, Direction, Phase } from '../../laws/support/host.ts';
import { clean, leftovers, play, type Run } from '../../laws/support/laws.ts';
import { recall } from '../../laws/support/memory.ts';
import { type Scene, sceneOf } from '../../laws/support/scene.ts';
import { STAGES, type Stage } from '../../laws/support/stages/index.ts';
import { openWorld, SYSTEMS, type System, type World } from '../../laws/support/world.ts';
import { BEHAVIOURS, type System as Outside, type Played } from '../catalog.ts';

/**
 * How a run ends that meets a behaviour of the outside world. In each the outside is counted by comparing all that is
 * there with what a run leaves that nothing disturbed: one guest, one domain, one charge.
 * - delivered: nobody notices
 * - waits: shown as blocked for the time that the outside says, and goes on by itself
 * - blocked: shown with its reason until somebody mends it and presses retry, then delivered
 * - undone: nothing is left and the money is back
 */
export type End = 'delivered' | 'waits' | 'blocked' | 'undone';

export interface Trial {
  stage: Stage;
  /** The step at whose beginning it strikes. */
  at: string;
  phase?: Phase;
  strike(world: World): unknown;
  end: End;
  /** What the operator, or the customer, reads. */
  reason?: RegExp;
  /** What is mended besides the switches, or what happens while it is waited for. */
  mend?(world: World): unknown;
  /** It is waited for before it is undone. */
  waits?: true;
  /** What makes a run turn back, so that its undoing is met. */
  refused?: Direction;
  /** Lines of the slate in which this run may differ from an undisturbed one. */
  but?: RegExp;
  /** What else is looked at. */
  also?(world: World, run: Run): unknown;
}

/** Where one saga is not all of it. */
type Told = (scene: Scene) => Promise<void>;

const LONG = 180_000;

/** One test for each row of the catalogue that is played here. */
export function faults<S extends Outside>(system: S, trials: Record<Played<S>, Trial | Told>): void {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  }, LONG);
  afterAll(() => world.close(), LONG);

  describe(system, () => {
    for (const [id, trial] of Object.entries<Trial | Told>(trials)) {
      const { about } = BEHAVIOURS.find((row) => row.id === id)!;
      if (typeof trial === 'function') test(about, () => afresh(world, trial), LONG);
      else test(`${about}: ${trial.end}`, () => tried(world, trial), LONG);
    }
  });
}

async function afresh(world: World, told: Told): Promise<void> {
  await recall(world, world.first());
  const hands = world.hands(true);
  try {
    await told(sceneOf(world, hands));
  } finally {
    world.mend();
    await hands.close();
  }
}

async function tried(world: World, trial: Trial): Promise<void> {
  const undisturbed = await clean(world, trial.stage);
  const watch = watchFaults(world);
  const run = await play(world, trial.stage, () => direct(world, trial, watch));
  const told = run.blocks.map(({ step, failure }) => `${step}: ${failure.kind}: ${failure.reason}`);
  if (trial.end === 'undone') expect([run.outcome, trial.waits ? [] : told]).toEqual(['compensated', []]);
  else expect({ outcome: run.outcome, why: run.reason }).toEqual({ outcome: 'completed' });
  if (trial.end === 'delivered') expect(told).toEqual([]);
  if (trial.end === 'waits') expect([...new Set(run.blocks.map(({ failure }) => failure.kind))]).toEqual(['wait']);
  if (trial.end === 'blocked') expect([...new Set(run.blocks.map(({ step }) => step))]).toEqual([trial.at]);
  if (trial.reason) expect(trial.end === 'undone' ? run.reason : run.blocks[0]?.failure.reason).toMatch(trial.reason);
  const same = (lines: string[]) => lines.filter((line) => !trial.but?.test(line));
  if (trial.end === 'undone') expect(same(leftovers(run, trial.stage))).toEqual([]);
  else expect(same(run.changes)).toEqual(same(undisturbed.run.changes));
  expect(watch.struck()).toBe(true);
  await trial.also?.(world, run);
}

function direct(world: World, trial: Trial, watch: ReturnType<typeof watchFaults>): Direction {
  let waiting = true;
  return {
    hasty: true,
    async enter(step, phase) {
      if (!waiting || step !== trial.at || phase !== (trial.phase ?? 'do')) return;
      waiting = false;
      await trial.strike(world);
      watch.armed();
    },
    leave(step, phase) {
      watch.look();
      trial.refused?.leave?.(step, phase);
    },
    turn: () => watch.look(),
    decide(block) {
      watch.look();
      return decide(world, trial, block);
    },
  };
}

async function decide(world: World, trial: Trial, { failure }: Block) {
  if (failure.kind === 'wait' && trial.end !== 'blocked') {
    await trial.mend?.(world);
    return undefined;
  }
  if (trial.end !== 'blocked') return { kind: 'give-up' as const, reason: failure.reason };
  await trial.mend?.(world);
  world.mend();
  return { kind: 'retry' as const, reason: 'mended' };
}

/** Whether a switch has ever been used: an act, which leaves none, has struck at once. */
function watchFaults(world: World) {
  const times = () =>
    new Map(SYSTEMS.flatMap((name) => world.self(name).faults.list()).map((one) => [one.id, one.times]));
  let then = times();
  let armed = false;
  let struck = false;
  const look = () => {
    const now = times();
    struck ||= armed && (then.size === 0 || [...then].some(([id, left]) => now.get(id) !== left));
  };
  return {
    armed() {
      armed = true;
      then = times();
      if (then.size === 0) struck = true;
    },
    look,
    struck: () => struck,
  };
}

/** So often that no run sees its end; counted, so that it is seen to have struck. */
export const FOR_LONG = 10_000;

export const on =
  (
    system: System,
    match: string,
    name: string,
    { data, times = 1, skip = 0 }: { data?: unknown; times?: number; skip?: number } = {},
  ) =>
  (world: World) =>
    world.self(system).faults.add({ match, phase: 'switch', action: { kind: 'switch', name, data }, times, skip });

export const cut =
  (system: System, match: string, phase: Cut, times = 1, action: FaultAction = { kind: 'drop' }) =>
  (world: World) =>
    world.self(system).faults.add({ match, phase, action, times });

export const act =
  (system: 'proxmox' | 'powerdns' | 'registrar' | 'stripe' | 'acme', verb: string, body: Record<string, unknown>) =>
  (world: World) =>
    world.running(system).acts![verb]!(body);

const ALL: readonly Stage[] = Object.values<readonly Stage[]>(STAGES).flat();

export function stageOf(saga: Stage['saga'], about?: string): Stage {
  const stage = ALL.find((one) => one.saga === saga && (about === undefined || one.about === about));
  if (!stage) throw new Error(`no stage ${saga} ${about ?? ''}`);
  return stage;
}

/** Where the guest of a run is. There is one. */
export async function guestOf(world: World): Promise<{ id: string; vmid: number; node: string }> {
  const [guest] = await world.rows<{ id: string; vmid: number; node: string }>(
    'select id, vmid, node from instance where vmid is not null',
  );
  return guest!;
}

/** Requests of an operation that a system was asked since the world began. */
export const asked = (world: World, system: System, match: string): number =>
  world.self(system).log.list({ match, limit: 10_000 }).length;
