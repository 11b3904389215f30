import {
  type ActivityOptions,
  defineSearchAttributeKey,
  HandlerUnfinishedPolicy,
  TypedSearchAttributes,
} from '@temporalio/common';
import {
  ActivityFailure,
  type ActivityInterfaceFor,
  ApplicationFailure,
  CancellationScope,
  defineSignal,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { Blocks, type CarriedBlocks } from './blocks.ts';
import { type Decision, type JobInput, type JobOutcome, SIGNALS } from './catalog.ts';
import {
  type Activities,
  type AskActivities,
  type Beginning,
  FAILURE,
  HEARTBEAT_TIMEOUT_MS,
  type JobProjection,
  type LocalActivities,
  type OrderPlan,
  type StepActivity,
  type StepRef,
  type WaitDetail,
} from './contract.ts';
import { type Host, StepFailure, slowly } from './saga.ts';

// Waits beyond the threshold are timers: without them the workflow task itself would go on, event by event, while the
// database is away.
const local = proxyLocalActivities<LocalActivities>({
  startToCloseTimeout: '5s',
  localRetryThreshold: '10s',
  retry: { maximumInterval: '1m' },
});
const decide = defineSignal<[unknown]>(SIGNALS.decide);
const capacity = defineSignal(SIGNALS.capacity);
const JOB_STATE = defineSearchAttributeKey('JobState', 'KEYWORD');
/** An undo tries this often before its job is shown as blocked. */
const UNDO_ATTEMPTS = 20;
const AGAIN: readonly Decision['kind'][] = ['retry'];

/** Runs a job's activities inside its workflow and shows how it stands: to operators, in the UI, in the database. */
export class WorkflowHost implements Host {
  /** So long may its history be while it stands still. */
  readonly events: number;
  /** Why its job is being undone, where an earlier run was ended by force while it was. */
  readonly undoing: string | undefined;
  readonly #job: JobInput;
  readonly #do: ActivityInterfaceFor<Activities>;
  readonly #undo: ActivityInterfaceFor<Activities>;
  readonly #watch: ActivityInterfaceFor<Activities>;
  readonly #blocks: Blocks;
  #undoing: string | undefined;
  #underWay = 0;
  #shown = Promise.resolve();

  private constructor(job: JobInput, { attempts, retryScale, events, undoing }: Beginning, carried?: CarriedBlocks) {
    this.#job = job;
    this.events = events;
    this.undoing = undoing;
    this.#do = proxyActivities<Activities>(options(attempts, retryScale));
    this.#undo = proxyActivities<Activities>(options(UNDO_ATTEMPTS, retryScale));
    this.#watch = proxyActivities<Activities>({ startToCloseTimeout: '1m', retry: retries(retryScale) });
    this.#blocks = new Blocks(retryScale, carried);
    setHandler(decide, (said) => this.#hear(said), { unfinishedPolicy: HandlerUnfinishedPolicy.ABANDON });
    setHandler(capacity, () => this.#blocks.nudge());
  }

  /** @param carried of the run that this one goes on from */
  static async begin(job: JobInput, carried?: CarriedBlocks): Promise<WorkflowHost> {
    return new WorkflowHost(job, await local.beginJob(job), carried);
  }

  async #hear(said: unknown): Promise<void> {
    // A handler is not in the scope of the work: a child whose parent is over would be cancelled here.
    const hear = () => CancellationScope.nonCancellable(() => local.hearDecision({ ...this.#job, said }));
    const decision = await this.#busy(hear);
    if (decision) this.#blocks.decide(decision);
  }

  /** Whether it stands still: no activity is under way, and nothing is decided yet. */
  get idle(): boolean {
    return this.#underWay === 0 && this.#blocks.idle;
  }

  carried(): CarriedBlocks {
    return this.#blocks.carried();
  }

  #call<K extends keyof AskActivities>(
    activity: K,
    step: string,
    targetId = this.#job.targetId,
    note?: string,
  ): Promise<Awaited<ReturnType<Activities[K]>>> {
    const ref: StepRef = { ...this.#job, targetId, step, phase: 'do', ...(note === undefined ? {} : { note }) };
    return this.#step(ref, this.#do[activity] as Named<Awaited<ReturnType<Activities[K]>>>);
  }

  // One layer and not three: the SDK takes a stack trace for every promise, a third of what its thread does.
  async #step<T>(ref: StepRef, activity: Named<T>): Promise<T> {
    this.#underWay++;
    try {
      const result = await named(activity, ref);
      this.#blocks.done(ref.step);
      return result;
    } catch (error) {
      throw failureOf(error);
    } finally {
      this.#underWay--;
    }
  }

  async #busy<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await work();
    } finally {
      this.#underWay--;
    }
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
        await this.block(step, slowly(error), AGAIN);
      }
    }
  }

  /** Another job's end; of one that nobody does any more, null. Attempts leave no events, however long it takes. */
  outcomeOf(job: JobInput): Promise<JobOutcome | null> {
    return this.#watch.awaitJob(job);
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

  run(activity: StepActivity, step: string, phase: 'do' | 'undo'): Promise<unknown> {
    const activities = phase === 'do' ? this.#do : this.#undo;
    this.#blocks.asks();
    return this.#step({ ...this.#job, step, phase }, activities[activity]);
  }

  block(
    step: string,
    failure: StepFailure,
    decisions: readonly Decision['kind'][] = AGAIN,
  ): Promise<Decision | undefined> {
    return this.#blocks.wait(step, failure, decisions, () => this.#show());
  }

  async skipped(step: string): Promise<void> {
    const { jobId, tenantId } = this.#job;
    await this.#busy(() => local.skipStep({ jobId, tenantId, name: step }));
    this.#blocks.done(step);
  }

  async compensating(reason: string): Promise<void> {
    this.#undoing = reason;
    await this.#show();
  }

  async end(outcome: JobOutcome): Promise<JobOutcome> {
    await this.#project({ status: outcome.outcome, step: null, reason: outcome.reason ?? null, blocks: [] });
    return outcome;
  }

  /** One after the other, so that what is shown last is how it stands. */
  #show(): Promise<void> {
    this.#shown = this.#busy(() => this.#shown.then(() => this.#project(this.#state())));
    return this.#shown;
  }

  #state(): State {
    const blocks = this.#blocks.list();
    const [first] = blocks;
    if (!first) {
      const undoing = this.#undoing !== undefined;
      return { status: undoing ? 'compensating' : 'running', step: null, reason: this.#undoing ?? null, blocks };
    }
    const all = blocks.map(({ step, reason }) => `${step}: ${reason}`).join('; ');
    return { status: 'blocked', step: first.step, reason: blocks.length > 1 ? all : first.reason, blocks };
  }

  async #project(state: State): Promise<void> {
    upsertSearchAttributes([{ key: JOB_STATE, value: state.status }]);
    setCurrentDetails([state.status, state.step, state.reason].filter(Boolean).join(' · '));
    const { jobId, tenantId } = this.#job;
    await local.projectJob({ jobId, tenantId, ...state });
  }
}

type State = Omit<JobProjection, 'jobId' | 'tenantId'>;

// The worker heartbeats for every activity while it lives, so that a dead one is noticed long before an hour is over.
function options(attempts: number, scale: number) {
  return {
    startToCloseTimeout: '1h',
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { ...retries(scale), maximumAttempts: attempts, nonRetryableErrorTypes: Object.values(FAILURE) },
  };
}

function retries(scale: number) {
  return {
    initialInterval: Math.max(1, 1_000 * scale),
    backoffCoefficient: 2,
    maximumInterval: Math.max(1, 60_000 * scale),
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

function failureOf(error: unknown): unknown {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) return error;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure)) return new StepFailure('exhausted', cause?.message ?? error.message);
  switch (cause.type) {
    case FAILURE.refused:
      return new StepFailure('refused', cause.message);
    case FAILURE.wait: {
      const [{ ms, most }] = cause.details as [WaitDetail];
      return new StepFailure('wait', cause.message, ms, most);
    }
    default:
      return new StepFailure('exhausted', cause.message);
  }
}
