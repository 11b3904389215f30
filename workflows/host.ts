import { type ActivityOptions, defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import {
  ActivityFailure,
  type ActivityInterfaceFor,
  ApplicationFailure,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { type Decision, type JobInput, type JobOutcome, SIGNALS } from './catalog.ts';
import {
  type Activities,
  type AskActivities,
  FAILURE,
  type JobProjection,
  type LocalActivities,
  type OrderPlan,
  type StepActivity,
  type StepRef,
  type Tuning,
  type WaitDetail,
} from './contract.ts';
import { type Host, SLOW_RETRY_MS, StepFailure } from './saga.ts';

// Waits beyond the threshold are timers: without them the workflow task itself would go on, event by event, while the
// database is away.
const local = proxyLocalActivities<LocalActivities>({
  startToCloseTimeout: '5s',
  localRetryThreshold: '10s',
  retry: { maximumInterval: '1m' },
});
const decide = defineSignal<[Decision]>(SIGNALS.decide);
const capacity = defineSignal(SIGNALS.capacity);
const JOB_STATE = defineSearchAttributeKey('JobState', 'KEYWORD');
/** An undo tries this often before its job is shown as blocked. */
const UNDO_ATTEMPTS = 20;

/** Runs a job's activities inside its workflow and shows how it stands: to operators, in the UI, in the database. */
export class WorkflowHost implements Host {
  readonly #job: JobInput;
  readonly #do: ActivityInterfaceFor<Activities>;
  readonly #undo: ActivityInterfaceFor<Activities>;
  readonly #seen = new Set<string>();
  #waiting = 0;
  #decision: Decision | undefined;
  #nudged = false;
  #undoing = false;

  private constructor(job: JobInput, tuning: Tuning) {
    this.#job = job;
    this.#do = proxyActivities<Activities>(options(tuning.attempts, tuning.retryScale));
    this.#undo = proxyActivities<Activities>(options(UNDO_ATTEMPTS, tuning.retryScale));
    setHandler(decide, (decision) => this.#decided(decision));
    setHandler(capacity, () => {
      this.#nudged = true;
    });
  }

  static async begin(job: JobInput): Promise<WorkflowHost> {
    return new WorkflowHost(job, await local.beginJob(job));
  }

  async #call<K extends keyof AskActivities>(
    activity: K,
    step: string,
    targetId = this.#job.targetId,
    note?: string,
  ): Promise<Awaited<ReturnType<Activities[K]>>> {
    const ref: StepRef = { ...this.#job, targetId, step, phase: 'do', ...(note === undefined ? {} : { note }) };
    return classified(named(this.#do[activity] as Named<Awaited<ReturnType<Activities[K]>>>, ref));
  }

  /**
   * An activity that answers something. Nothing is an end: what cannot be done now is shown as blocked and tried again,
   * since a StepFailure that left the workflow would make Temporal repeat its task for ever.
   */
  async insist<K extends keyof AskActivities>(
    activity: K,
    step: string,
    targetId?: string,
    note?: string,
  ): Promise<Awaited<ReturnType<Activities[K]>>> {
    for (;;) {
      try {
        return await this.#call(activity, step, targetId, note);
      } catch (error) {
        if (!(error instanceof StepFailure)) throw error;
        await this.block(step, new StepFailure(error.kind, error.reason, error.ms ?? SLOW_RETRY_MS));
      }
    }
  }

  readOrder(): Promise<OrderPlan> {
    return local.readOrder(this.#job);
  }

  /** What a child's run is found by. */
  searchAttributes(job: JobInput): TypedSearchAttributes {
    const values = {
      TenantId: job.tenantId,
      OrderId: job.orderId,
      CustomerId: job.customerId,
      JobType: job.type,
      JobState: 'pending',
    };
    return new TypedSearchAttributes(
      Object.entries(values).flatMap(([name, value]) =>
        value ? [{ key: defineSearchAttributeKey(name, 'KEYWORD'), value }] : [],
      ),
    );
  }

  async run(activity: StepActivity, step: string, phase: 'do' | 'undo'): Promise<void> {
    const activities = phase === 'do' ? this.#do : this.#undo;
    // From here on: who is told that there is room while it asks for some must not wait for being told again.
    this.#nudged = false;
    await classified(named(activities[activity], { ...this.#job, step, phase }));
  }

  async block(step: string, failure: StepFailure): Promise<Decision | undefined> {
    await this.#show({ status: 'blocked', step, reason: failure.reason });
    this.#waiting++;
    const decided = () => this.#decision !== undefined || (failure.kind === 'wait' && this.#nudged);
    if (failure.ms === undefined) await condition(decided);
    else await condition(decided, failure.ms);
    this.#waiting--;
    const decision = this.#decision;
    this.#decision = undefined;
    await this.#show({ status: this.#undoing ? 'compensating' : 'running', step, reason: null });
    return decision;
  }

  async skipped(step: string): Promise<void> {
    const { jobId, tenantId } = this.#job;
    await local.skipStep({ jobId, tenantId, name: step });
  }

  async compensating(reason: string): Promise<void> {
    this.#undoing = true;
    await this.#show({ status: 'compensating', step: null, reason });
  }

  async end(outcome: JobOutcome): Promise<JobOutcome> {
    await this.#show({ status: outcome.outcome, step: null, reason: outcome.reason ?? null });
    return outcome;
  }

  async #show(change: Omit<JobProjection, 'jobId' | 'tenantId'>): Promise<void> {
    upsertSearchAttributes([{ key: JOB_STATE, value: change.status }]);
    setCurrentDetails([change.status, change.step, change.reason].filter(Boolean).join(' · '));
    const { jobId, tenantId } = this.#job;
    await local.projectJob({ jobId, tenantId, ...change });
  }

  /** A decision counts while something is blocked; one that comes too early or twice does not. */
  #decided(decision: Decision): void {
    if (this.#waiting === 0 || this.#seen.has(decision.eventId)) return;
    this.#seen.add(decision.eventId);
    this.#decision = decision;
  }
}

// The worker heartbeats for every activity while it lives, so that a dead one is noticed long before an hour is over.
function options(attempts: number, scale: number) {
  return {
    startToCloseTimeout: '1h',
    heartbeatTimeout: '10s',
    retry: {
      initialInterval: Math.max(1, 1_000 * scale),
      backoffCoefficient: 2,
      maximumInterval: Math.max(1, 60_000 * scale),
      maximumAttempts: attempts,
      nonRetryableErrorTypes: Object.values(FAILURE),
    },
  };
}

interface Named<T> {
  executeWithOptions(options: ActivityOptions, args: [StepRef]): Promise<T>;
}

/** Temporal refuses a summary of more than 400 bytes, of which encryption takes some 130; a character may be four. */
const SUMMARY_LENGTH = 60;

/** Under the step's name in the UI. */
function named<T>(activity: Named<T>, ref: StepRef): Promise<T> {
  return activity.executeWithOptions({ summary: ref.step.slice(0, SUMMARY_LENGTH) }, [ref]);
}

async function classified<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(error: unknown): unknown {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) return error;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure)) return new StepFailure('exhausted', cause?.message ?? error.message);
  switch (cause.type) {
    case FAILURE.refused:
      return new StepFailure('refused', cause.message);
    case FAILURE.wait:
      return new StepFailure('wait', cause.message, (cause.details as [WaitDetail])[0].ms);
    default:
      return new StepFailure('exhausted', cause.message);
  }
}
