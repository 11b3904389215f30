import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TimeoutFailure,
  TypedSearchAttributes,
} from '@temporalio/common';
import {
  type ASKS,
  type JobInput,
  PRIORITY,
  priorityOf,
  type RECONCILE,
  SEARCH_ATTRIBUTES,
} from '../workflows/catalog.ts';
import type { KeyRing } from './keys.ts';
import { createDataConverter } from './payloads.ts';
import { type RunState, readRun } from './runs.ts';

export interface EngineOptions {
  address: string;
  namespace: string;
  taskQueue: string;
  /** What payloads are encrypted with. */
  keys: KeyRing;
}

/** A row of the outbox, as far as sending it needs it. */
export interface Parcel {
  workflowId: string;
  kind: 'start' | 'signal';
  name: string;
  args: unknown[];
  summary?: string | undefined;
  /** A start of what was begun before, and was ended by force or is not known any more. */
  anew?: boolean | undefined;
}

export type Delivery = 'sent' | 'nobody';

/** What the platform asks of Temporal from outside a workflow. One connection for the process, made when first needed. */
export interface Engine {
  /** Starts or signals; a start that was made before counts as sent. `nobody`: the signalled workflow is closed or gone. */
  deliver(parcel: Parcel, deadlineMs: number): Promise<Delivery>;
  /** Runs a short workflow and waits for its result. Throws DeadlineExceeded after `deadlineMs`. */
  ask<T>(
    workflow: (typeof ASKS)[keyof typeof ASKS] | typeof RECONCILE,
    id: string,
    input: unknown,
    deadlineMs: number,
    tenantId?: string,
  ): Promise<T>;
  /** How a run stands. */
  run(workflowId: string, deadlineMs: number): Promise<RunState>;
  /** Throws when the server does not answer within the deadline. */
  ping(deadlineMs: number): Promise<void>;
  client(): Promise<Client>;
  close(): Promise<void>;
}

export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}

const KEYS = Object.fromEntries(
  SEARCH_ATTRIBUTES.map((name) => [name, defineSearchAttributeKey(name, SearchAttributeType.KEYWORD)]),
);

/** Search attributes that a job's run starts with. */
export function searchAttributes(job: JobInput): TypedSearchAttributes {
  const values = {
    TenantId: job.tenantId,
    OrderId: job.orderId,
    CustomerId: job.customerId,
    JobType: job.type,
    JobState: 'pending',
  };
  return new TypedSearchAttributes(
    Object.entries(values).flatMap(([name, value]) => (value && KEYS[name] ? [{ key: KEYS[name], value }] : [])),
  );
}

export function createEngine(options: EngineOptions): Engine {
  let opening: Promise<Client> | undefined;
  let closed = false;

  async function open(): Promise<Client> {
    const connection = await Connection.connect({ address: options.address, connectTimeout: 3_000 });
    const { namespace, keys } = options;
    return new Client({ connection, namespace, dataConverter: createDataConverter(keys) });
  }

  /** A failed attempt is forgotten, so that the engine may come up after us. */
  async function client(): Promise<Client> {
    if (closed) throw new Error('the engine is closed');
    opening ??= open();
    const mine = opening;
    try {
      return await mine;
    } catch (error) {
      // Somebody else may have begun another attempt meanwhile.
      if (opening === mine) opening = undefined;
      throw error;
    }
  }

  async function start(parcel: Parcel): Promise<Delivery> {
    const { workflow } = await client();
    const job = parcel.args[0] as JobInput;
    try {
      await workflow.start(parcel.name, {
        workflowId: parcel.workflowId,
        taskQueue: options.taskQueue,
        args: parcel.args,
        workflowIdReusePolicy: parcel.anew ? 'ALLOW_DUPLICATE_FAILED_ONLY' : 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
        typedSearchAttributes: searchAttributes(job),
        priority: priorityOf(job),
        ...(parcel.summary ? { staticSummary: parcel.summary } : {}),
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    return 'sent';
  }

  async function signal(parcel: Parcel): Promise<Delivery> {
    const { workflow } = await client();
    try {
      await workflow.getHandle(parcel.workflowId).signal(parcel.name, ...parcel.args);
      return 'sent';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'nobody';
      throw error;
    }
  }

  return {
    client,
    async deliver(parcel, deadlineMs) {
      const { connection } = await within(client(), deadlineMs);
      return connection.withDeadline(Date.now() + deadlineMs, () =>
        parcel.kind === 'start' ? start(parcel) : signal(parcel),
      );
    },
    async ask<T>(name: string, id: string, input: unknown, deadlineMs: number, tenantId?: string) {
      const { connection, workflow } = await within(client(), deadlineMs);
      const handle = await connection.withDeadline(Date.now() + deadlineMs, () =>
        workflow.start(name, {
          workflowId: id,
          taskQueue: options.taskQueue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowExecutionTimeout: deadlineMs,
          priority: { priorityKey: PRIORITY.asked, ...(tenantId ? { fairnessKey: tenantId } : {}) },
        }),
      );
      return (await within(handle.result().catch(lateAnswer), deadlineMs)) as T;
    },
    async run(workflowId, deadlineMs) {
      const { connection, workflow } = await within(client(), deadlineMs);
      return connection.withDeadline(Date.now() + deadlineMs, () => readRun(workflow, workflowId));
    },
    async ping(deadlineMs) {
      const { connection } = await within(client(), deadlineMs);
      await connection.withDeadline(Date.now() + deadlineMs, () => connection.workflowService.getSystemInfo({}));
    },
    async close() {
      closed = true;
      if (opening) await (await opening.catch(() => undefined))?.connection.close();
    },
  };
}

/** The server's timer of the same length may be the first to say so. */
function lateAnswer(error: unknown): never {
  if (error instanceof WorkflowFailedError && error.cause instanceof TimeoutFailure)
    throw new DeadlineExceeded(error.cause.message);
  throw error;
}

async function within<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new DeadlineExceeded(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
