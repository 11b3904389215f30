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
  /** Waited for again and again, it is tried at least this often. */
  readonly most: number | undefined;

  constructor(kind: FailureKind, reason: string, ms?: number, most?: number) {
    super(reason);
    this.kind = kind;
    this.reason = reason;
    this.ms = ms;
    this.most = most;
  }
}

/** What runs a saga's steps: a workflow, or a test that calls the activities as plain functions. */
export interface Host {
  /** Runs an activity with its retries. Throws StepFailure. */
  run(activity: StepActivity, step: string, phase: 'do' | 'undo'): Promise<unknown>;
  /**
   * Shows the job blocked and waits for one of these decisions; answers undefined when it is time to try again by itself:
   * after `failure.ms`, or longer where it was waited for before.
   */
  block(step: string, failure: StepFailure, decisions: readonly Decision['kind'][]): Promise<Decision | undefined>;
  skipped(step: string): Promise<void>;
  /** From here on nothing stops it. */
  compensating(reason: string): Promise<void>;
}

// An undo that does not work goes on by itself, slowly, for ever; `retry` makes it go on at once.
const SLOW_RETRY_MS = 5 * 60_000;

/** A wait grows no longer than this, unless it is announced to be longer. */
const LONGEST_WAIT_MS = 60 * 60_000;

/** How long a failure is waited for that was waited for `times` times in a row; undefined: until somebody decides. */
export function patience({ ms, most }: StepFailure, times: number, scale = 1): number | undefined {
  if (ms === undefined) return undefined;
  return Math.max(ms, Math.min(ms * 2 ** Math.min(times, 20), most ?? LONGEST_WAIT_MS * scale));
}

/** How far a saga has come; {@link runSaga} keeps it up to date, and goes on from it. */
export interface Progress {
  /** The step that is being done or undone, by its name: another version may have another list. */
  step?: string;
  /** Why it is being undone. */
  undoing?: string;
}

/**
 * Runs the steps in order; on a failure that no retry can mend it undoes them, newest first. Where the step to go on from
 * is not in the list any more, all are done or undone: each looks before it acts.
 */
export async function runSaga(saga: Saga, host: Host, progress: Progress = {}): Promise<JobOutcome> {
  const { steps } = saga;
  const known = steps.findIndex(({ name }) => name === progress.step);
  let at = known >= 0 ? known : progress.undoing === undefined ? 0 : steps.length - 1;
  for (; progress.undoing === undefined && at < steps.length; at++) {
    const step = steps[at]!;
    progress.step = step.name;
    const failure = await forward(step, saga, host);
    if (!failure) continue;
    progress.undoing = failure.reason;
    break;
  }
  if (progress.undoing === undefined) return { outcome: 'completed' };
  await host.compensating(progress.undoing);
  for (const step of steps.slice(0, at + 1).toReversed()) {
    progress.step = step.name;
    await backward(step, host);
  }
  return { outcome: 'compensated', reason: progress.undoing };
}

/** One step until it is done, skipped, or has failed for good: then the failure. A forward-only one cannot fail. */
export async function forward(
  step: Step,
  saga: Pick<Saga, 'forwardOnly'>,
  host: Host,
): Promise<StepFailure | undefined> {
  for (;;) {
    const failure = await host.run(step.do, step.name, 'do').then(none, stepFailure);
    if (!failure) return undefined;
    if (!saga.forwardOnly && failure.kind === 'refused') return failure;
    const decision = await (saga.forwardOnly
      ? host.block(step.name, slowly(failure), ['retry', 'skip'])
      : host.block(step.name, failure, ['retry', 'skip', 'give-up']));
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
    const failure = await host.run(undo, step.name, 'undo').then(none, stepFailure);
    if (!failure) return;
    const decision = await host.block(step.name, slowly(failure), ['retry', 'skip']);
    if (decision?.kind === 'skip') return;
  }
}

/** The same failure, of which nothing is an end. */
export function slowly({ kind, reason, ms, most }: StepFailure): StepFailure {
  return new StepFailure(kind, reason, ms ?? SLOW_RETRY_MS, most);
}

const none = () => undefined;

function stepFailure(error: unknown): StepFailure {
  if (error instanceof StepFailure) return error;
  throw error;
}
