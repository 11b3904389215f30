import type { Decision, JobOutcome, JobType } from './catalog.ts';
import type { StepActivity } from './contract.ts';

/** One outside goal: `do` reaches it or finds it reached, `undo` makes sure that nothing of it is left. */
export interface Step {
  readonly name: string;
  readonly do: StepActivity;
  /** Registered before `do` runs; accepts that `do` never happened. */
  readonly undo?: StepActivity;
}

export interface Saga {
  readonly type: JobType;
  readonly steps: readonly Step[];
  /** Deletes, suspensions, renewals: retried until done, never unwound. */
  readonly forwardOnly?: true;
}

/**
 * Why a step did not end well.
 * refused: for good, undo · wait: not now, again after `ms` · exhausted: its retries are used up
 */
export type FailureKind = 'refused' | 'wait' | 'exhausted';

export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly kind: FailureKind;
  /** In words for operators, and for the customer where the step is refused. */
  readonly reason: string;
  readonly ms: number | undefined;

  constructor(kind: FailureKind, reason: string, ms?: number) {
    super(reason);
    this.kind = kind;
    this.reason = reason;
    this.ms = ms;
  }
}

/** What runs a saga's steps: a workflow, or a test that calls the activities as plain functions. */
export interface Host {
  /** Runs an activity with its retries. Throws StepFailure. */
  run(activity: StepActivity, step: string, phase: 'do' | 'undo'): Promise<void>;
  /** Shows the job blocked and waits for a decision; answers undefined when `failure.ms` have passed first. */
  block(step: string, failure: StepFailure): Promise<Decision | undefined>;
  skipped(step: string): Promise<void>;
  /** From here on nothing stops it. */
  compensating(reason: string): Promise<void>;
}

// An undo that does not work goes on by itself, slowly, for ever; `retry` makes it go on at once.
export const SLOW_RETRY_MS = 5 * 60_000;

/** Runs the steps in order; on a failure that no retry can mend it undoes them, newest first. */
export async function runSaga(saga: Saga, host: Host): Promise<JobOutcome> {
  const undo: Step[] = [];
  for (const step of saga.steps) {
    undo.unshift(step);
    const failure = await forward(step, saga, host);
    if (!failure) continue;
    await host.compensating(failure.reason);
    for (const done of undo) await backward(done, host);
    return { outcome: 'compensated', reason: failure.reason };
  }
  return { outcome: 'completed' };
}

/** One step until it is done, skipped, or has failed for good: then the failure. A forward-only one cannot fail. */
export async function forward(
  step: Step,
  saga: Pick<Saga, 'forwardOnly'>,
  host: Host,
): Promise<StepFailure | undefined> {
  for (;;) {
    const failure = await attempt(() => host.run(step.do, step.name, 'do'));
    if (!failure) return undefined;
    if (!saga.forwardOnly && failure.kind === 'refused') return failure;
    const decision = await host.block(step.name, saga.forwardOnly ? slowly(failure) : failure);
    if (decision?.kind === 'skip') {
      await host.skipped(step.name);
      return undefined;
    }
    if (decision?.kind === 'give-up' && !saga.forwardOnly) return new StepFailure('refused', decision.reason);
  }
}

async function backward(step: Step, host: Host): Promise<void> {
  const { undo } = step;
  if (!undo) return;
  for (;;) {
    const failure = await attempt(() => host.run(undo, step.name, 'undo'));
    if (!failure) return;
    const decision = await host.block(step.name, slowly(failure));
    if (decision?.kind === 'skip') return;
  }
}

function slowly(failure: StepFailure): StepFailure {
  return new StepFailure(failure.kind, failure.reason, failure.ms ?? SLOW_RETRY_MS);
}

async function attempt(run: () => Promise<void>): Promise<StepFailure | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof StepFailure) return error;
    throw error;
  }
}
