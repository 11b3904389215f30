import { setTimeout as sleep } from 'node:timers/promises';
import type { Say } from '../scripts/launch/say.ts';
import { interruption } from '../scripts/stage/folder.ts';
import { closedLoop } from '../scripts/stage/load.ts';
import type { Stage } from '../scripts/stage/stage.ts';
import type { Evidence, Fate, Outside } from './invariants/evidence.ts';
import { gatherer } from './invariants/gather.ts';
import { judge, type Violation } from './invariants/index.ts';
import { Killer } from './killer.ts';
import type { Options } from './options.ts';
import { patientApi } from './patient.ts';
import { quiet } from './quiet.ts';
import { Saboteur } from './saboteur.ts';
import { type PlannedOrder, plan, type Schedule, type Target } from './schedule.ts';
import { shopper } from './shopper.ts';
import { sourcesOf } from './sources.ts';
import { verdict } from './verdict.ts';

export interface Outcome {
  /** By sort. */
  orders: Map<string, number>;
  /** How they ended. */
  ends: Record<string, number>;
  payments: Map<string, number>;
  kills: Record<Target, { kills: number; midStep: number }>;
  /** Faults that struck. */
  faults: ReadonlyMap<string, number>;
  retries: number;
  violations: Violation[];
  /** What the last judgement rested on. */
  evidence: Evidence;
  seconds: number;
}

/** A batch that does not come to rest in this time is judged as it is. */
const REST_WITHIN_MS = 300_000;
/** An order counts as in flight for so long at most: one that is blocked is helped in the quiet after its batch. */
const IN_FLIGHT_MS = 90_000;
const LOOK_EVERY_MS = 500;
const ENDED = ['active', 'failed', 'cancelled'];

/** Plays the schedule of `options` on the stage, batch by batch, and stops at the first batch with a violation. */
export async function campaign(
  stage: Stage,
  options: Options,
  signal: AbortSignal,
  say: Say = console.log,
): Promise<Outcome> {
  return Promise.race([play(stage, options, say), interruption(signal)]);
}

async function play(stage: Stage, options: Options, say: Say): Promise<Outcome> {
  const began = performance.now();
  const schedule = plan(options.seed, options);
  const api = patientApi(stage.platform.url, stage.admin);
  const { buy } = await shopper(stage, api);
  const killer = new Killer(stage.platform, api);
  const saboteur = new Saboteur(stage.outside);
  const sources = await sourcesOf(stage, api);
  const gather = gatherer(sources);
  const fates = new Map<string, Fate>();
  const placed: PlannedOrder[] = [];
  let retries = 0;
  await stage.outside.act('proxmox', 'destroy-guest', { vmid: GONE_VMID });

  async function one(planned: PlannedOrder): Promise<void> {
    const trouble = troubleAt(schedule, planned.index, killer, saboteur);
    placed.push(planned);
    const { orderId, fate } = await buy(planned);
    if (fate) fates.set(orderId, fate);
    await Promise.all([trouble, gone(orderId)]);
  }

  async function gone(orderId: string): Promise<void> {
    for (const end = Date.now() + IN_FLIGHT_MS; Date.now() < end; await sleep(LOOK_EVERY_MS))
      if (ENDED.includes((await api.get<{ status: string }>(`/orders/${orderId}`)).status)) return;
  }

  for (let from = 0; ; from += options.batch) {
    const batch = schedule.orders.slice(from, from + options.batch);
    await closedLoop(batch.length, options.inFlight, (at) => one(batch[at]!));
    await saboteur.mend();
    const rest = await quiet(api, () => sources.state<Outside['stripe']>('stripe'), REST_WITHIN_MS);
    retries += rest.retries;
    const { evidence, violations } = await verdict(() => gather(fates), judge);
    say(`${placed.length} orders, ${rest.calm ? 'at rest' : 'NOT at rest'}, ${violations.length} violations`);
    if (!violations.length && placed.length < options.orders) continue;
    await sources.close();
    return {
      orders: count(placed.map(({ sort }) => sort.name)),
      payments: count(placed.map(({ payment }) => payment)),
      ends: Object.fromEntries(count(evidence.told.orders.map(({ status }) => status))),
      kills: killer.count(),
      faults: saboteur.struck,
      ...{ retries, violations, evidence, seconds: (performance.now() - began) / 1000 },
    };
  }
}

/** Of the image ubuntu-24.04, which flawed orders wish for. */
const GONE_VMID = '9001';

/** What the schedule has for the moment when so many orders were placed. */
async function troubleAt(schedule: Schedule, orders: number, killer: Killer, saboteur: Saboteur): Promise<void> {
  const due = <T extends { orders: number; afterMs: number }>(all: T[], work: (one: T) => Promise<void>) =>
    all.filter((one) => one.orders === orders).map((one) => sleep(one.afterMs).then(() => work(one)));
  await Promise.all([
    ...due(schedule.kills, (kill) => killer.kill(kill)),
    ...due(schedule.faults, (fault) => saboteur.set(fault)),
  ]);
}

function count(names: readonly string[]): Map<string, number> {
  return new Map([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}
