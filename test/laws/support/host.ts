import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { toFailure } from '../../../activities/failure.ts';
import type { Decision, JobInput, JobOutcome } from '../../../workflows/catalog.ts';
import {
  type Activities,
  type AskActivities,
  FAILURE,
  type JobProjection,
  type StepActivity,
  type StepRef,
  type WaitDetail,
} from '../../../workflows/contract.ts';
import { type Host, type Progress, StepFailure } from '../../../workflows/saga.ts';

/** Attempts before a step is given up as exhausted: enough for one lost answer and the clash that may follow it. */
const ATTEMPTS = 3;
/** An attempt that takes longer is cut off, as the engine does after an hour: on a slow machine too only what hangs does. */
const PATIENCE_MS = 60_000;
/** The same where a cut lasts, so that what polls for an answer does so in vain. */
const HASTE_MS = 1_500;
/** No run of ours is blocked so often: then it turns in circles. */
const MOST_BLOCKS = 60;

export type Phase = 'do' | 'undo';
/** An activity of a run. */
export interface Place {
  step: string;
  phase: Phase;
}
/** Whatever a workflow has done about a job. */
export type Deed = StepActivity | Exclude<keyof AskActivities, 'askDomain' | 'askCheckout'>;

export interface Block {
  step: string;
  phase: Phase;
  failure: StepFailure;
}

type Verdict = Omit<Decision, 'eventId'> | undefined;

export interface Direction {
  /** What polls in vain is soon cut off. */
  hasty?: boolean;
  /** Runs every activity of this phase a second time right after it worked. */
  twice?: Phase;
  /** Answers for the operator; without it a wait is over at once and everything else is given up. */
  decide?(block: Block): Verdict | Promise<Verdict>;
  /** Goes on from here: what comes before was done in the world already, and is passed over. */
  from?: Place;
  /** Told before each attempt. */
  enter?(step: string, phase: Phase): void | Promise<void>;
  /** Told after each activity that worked. What it throws fails the step after all of its effect. */
  leave?(step: string, phase: Phase): void;
  /** Told when the undoing begins. */
  turn?(): void;
}

/** Runs a saga's activities as plain functions: bounded retries without waits, failures classified as the workflow does. */
export class PlainHost implements Host {
  readonly blocks: Block[] = [];
  /** The step at which the undoing began. */
  turned: string | undefined;
  #at: string | undefined;
  readonly #activities: Activities;
  readonly #projector: Activities;
  readonly #job: JobInput;
  readonly #direction: Direction;
  #phase: Phase = 'do';
  #reached: boolean;

  /** @param projector writes the job's state past all faults, as the engine's local activities do in the end */
  constructor(activities: Activities, projector: Activities, job: JobInput, direction: Direction = {}) {
    this.#activities = activities;
    this.#projector = projector;
    this.#job = job;
    this.#direction = direction;
    this.#reached = direction.from === undefined;
  }

  /** Answers how far its job has come, as far as a run knows it that begins. */
  async begin(): Promise<Progress> {
    const { undoing } = await this.#projector.beginJob(this.#job);
    return undoing === undefined ? {} : { undoing };
  }

  async end(outcome: JobOutcome): Promise<JobOutcome> {
    await this.#show({ status: outcome.outcome, step: null, reason: outcome.reason ?? null });
    return outcome;
  }

  /** @param about what the activity is told otherwise than the job says */
  async run(activity: Deed, step: string, phase: Phase, about: Partial<StepRef> = {}): Promise<void> {
    const ref = { ...this.#job, step, phase, ...about };
    this.#at = step;
    this.#reached ||= this.#direction.from?.step === step && this.#direction.from.phase === phase;
    for (let times = this.#times(phase); times > 0; times--)
      await attempted(async () => {
        await this.#direction.enter?.(step, phase);
        return this.#activities[activity](ref);
      }, this.#direction.hasty);
    this.#direction.leave?.(step, phase);
  }

  #times(phase: Phase): number {
    if (!this.#reached) return 0;
    return this.#direction.twice === phase ? 2 : 1;
  }

  async block(
    step: string,
    failure: StepFailure,
    decisions: readonly Decision['kind'][] = ['retry'],
  ): Promise<Decision | undefined> {
    this.blocks.push({ step, phase: this.#phase, failure });
    if (this.blocks.length > MOST_BLOCKS)
      throw new Error(
        `blocked ${MOST_BLOCKS} times, at ${step}: ${failure.reason}; first ${this.blocks[0]?.step}: ${this.blocks[0]?.failure.reason}`,
      );
    const { reason } = failure;
    await this.#show({ status: 'blocked', step, reason, blocks: [{ step, reason, decisions }] });
    const block = { step, phase: this.#phase, failure };
    const decision = this.#direction.decide ? await this.#direction.decide(block) : usual(block);
    await this.#show({ status: this.#phase === 'undo' ? 'compensating' : 'running', step, reason: null });
    return decision && { ...decision, eventId: crypto.randomUUID() };
  }

  async skipped(step: string): Promise<void> {
    const { jobId, tenantId } = this.#job;
    await this.#projector.skipStep({ jobId, tenantId, name: step });
  }

  async compensating(reason: string): Promise<void> {
    this.turned = this.#at;
    this.#phase = 'undo';
    await this.#show({ status: 'compensating', step: null, reason });
    this.#direction.turn?.();
  }

  async #show(change: Omit<JobProjection, 'jobId' | 'tenantId' | 'blocks'> & Partial<JobProjection>): Promise<void> {
    const { jobId, tenantId } = this.#job;
    await this.#projector.projectJob({ blocks: [], ...change, jobId, tenantId });
  }
}

function usual({ failure }: Block): Omit<Decision, 'eventId'> | undefined {
  return failure.kind === 'wait' ? undefined : { kind: 'give-up', reason: failure.reason };
}

/** With the retries of the engine. Throws StepFailure. */
export async function attempted<T>(work: () => Promise<T>, hasty = false): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      const limit = { cancellationSignal: AbortSignal.timeout(hasty ? HASTE_MS : PATIENCE_MS) } as Context;
      return await asyncLocalStorage.run(limit, work);
    } catch (error) {
      const failure = classified(error);
      if (failure.kind !== 'exhausted' || left === 0) throw failure;
    }
  }
}

/** As workflows/host.ts sees what an activity threw. */
function classified(error: unknown): StepFailure {
  if (error instanceof StepFailure) return error;
  const failure = toFailure(error);
  if (!(failure instanceof ApplicationFailure)) return new StepFailure('exhausted', String(error));
  if (failure.type === FAILURE.refused) return new StepFailure('refused', failure.message);
  if (failure.type === FAILURE.wait) {
    const [{ ms, most }] = failure.details as [WaitDetail];
    return new StepFailure('wait', failure.message, ms, most);
  }
  return new StepFailure('exhausted', failure.message);
}
