import { setTimeout as sleep } from 'node:timers/promises';
import type { Platform } from '../scripts/launch/platform.ts';
import type { Told } from './invariants/evidence.ts';
import type { PatientApi } from './patient.ts';
import { type PlannedKill, TARGETS, type Target } from './schedule.ts';

type Job = Told['jobs'][number];

/** A step that ran when it was last looked at. */
interface Running {
  jobId: string;
  step: string;
}
interface Kill {
  target: Target;
  midStep: boolean;
}

/** How long a kill waits for an order to be in mid-step. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 20;
/** Jobs that are looked into for a running step. */
const LOOK_INTO = 6;
/** A step may end in the moment between the look and the kill: then once more. */
const TRIES = 3;
/** A machine with much to do is given more time than one start has. */
const STARTS = 5;

/** Kills parts with SIGKILL while orders are in mid-step, starts them again, and says of which it is proven. */
export class Killer {
  readonly #platform: Platform;
  readonly #api: PatientApi;
  readonly #kills: Kill[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(platform: Platform, api: PatientApi) {
    this.#platform = platform;
    this.#api = api;
  }

  /** One after the other, so that each finds the platform at work. */
  kill(planned: PlannedKill): Promise<void> {
    const turn = this.#last.then(() => this.#until(planned));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #until(planned: PlannedKill): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) if (await this.#kill(planned)) return;
  }

  /** Whether it hit a step: seen running before, and not over before the kill. */
  async #kill({ target, downMs }: PlannedKill): Promise<boolean> {
    const running = await this.#midStep();
    const at = new Date().toISOString();
    await this.#platform.kill(target);
    await sleep(downMs);
    await this.#start(target);
    const hits = await Promise.all(running.map((one) => this.#wasAt(one, at)));
    const midStep = hits.includes(true);
    this.#kills.push({ target, midStep });
    return midStep;
  }

  async #start(target: Target): Promise<void> {
    for (let left = STARTS; ; left--) {
      try {
        return await this.#platform.start(target);
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  }

  /** Waits until steps are at work; none when it takes too long. */
  async #midStep(): Promise<Running[]> {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(LOOK_EVERY_MS)) {
      const { items } = await this.#api.get<{ items: Job[] }>('/jobs?status=running&pageSize=100');
      const busy = items.filter(({ type }) => type !== 'order_fulfil').slice(0, LOOK_INTO);
      const jobs = await Promise.all(busy.map(({ id }) => this.#api.get<Job>(`/jobs/${id}`)));
      const running = jobs.flatMap(({ id, steps }) =>
        steps.filter(({ status }) => status === 'running').map(({ name }) => ({ jobId: id, step: name })),
      );
      if (running.length) return running;
    }
    return [];
  }

  async #wasAt({ jobId, step }: Running, at: string): Promise<boolean> {
    const { steps } = await this.#api.get<Job>(`/jobs/${jobId}`);
    const { startedAt, endedAt } = steps.find(({ name }) => name === step) ?? {};
    return !!startedAt && startedAt <= at && (!endedAt || endedAt > at);
  }

  /** Kills by target, and those that are proven to have hit a step. */
  count(): Record<Target, { kills: number; midStep: number }> {
    const of = (target: Target) => this.#kills.filter((kill) => kill.target === target);
    return Object.fromEntries(
      TARGETS.map((target) => [
        target,
        { kills: of(target).length, midStep: of(target).filter(({ midStep }) => midStep).length },
      ]),
    ) as Record<Target, { kills: number; midStep: number }>;
  }
}
