import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { decisionOf } from '../../activities/decision.ts';
import { toFailure } from '../../activities/failure.ts';
import { newId } from '../../runtime/ids.ts';
import { bundleWorkflows, FAILURE_CONVERTER } from '../../workers/bundle.ts';
import {
  type JobInput,
  type JobOutcome,
  type JobType,
  jobWorkflowId,
  priorityOf,
  SIGNALS,
} from '../../workflows/catalog.ts';
import {
  type Activities,
  type JobProjection,
  type OrderPlan,
  STEP_ACTIVITIES,
  type StepRef,
  type Tuning,
} from '../../workflows/contract.ts';
import { freshNamespace } from '../support/temporal.ts';
import { until } from '../support/until.ts';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF' } } });

const TASK_QUEUE = 'runs';

/**
 * The workflows as they are, on the real engine, with activities that do what a test tells them. `idle`: nothing is done
 * before `begin`.
 */
export async function openRuns({ idle = false } = {}) {
  const { address, namespace } = await freshNamespace();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace }).workflow;
  /** What activities do that is not nothing, by activity or by activity and target. */
  const acts = new Map<string, (ref: StepRef, attempt: number) => unknown>();
  const calls: string[] = [];
  const shown = new Map<string, JobProjection[]>();
  const tuning: Tuning = { attempts: 1, retryScale: 0.001, events: 4_000 };
  const plans = new Map<string, OrderPlan>();

  const act = (name: string) => async (ref: StepRef) => {
    calls.push(`${name} ${ref.targetId}`);
    const work = acts.get(`${name} ${ref.targetId}`) ?? acts.get(name);
    const attempt = calls.filter((call) => call === `${name} ${ref.targetId}`).length;
    try {
      return await work?.(ref, attempt);
    } catch (error) {
      throw toFailure(error);
    }
  };
  const asked = ['settlePayments', 'closeUnpaidOrder', 'refundItem', 'finishOrder', 'sendOrderMails', 'awaitJob'];
  const activities = {
    ...Object.fromEntries([...STEP_ACTIVITIES, ...asked].map((name) => [name, act(name)])),
    beginJob: async () => tuning,
    skipStep: async () => undefined,
    hearDecision: async ({ said }: { said: unknown }) => decisionOf(said),
    readOrder: async ({ jobId }: JobInput) => plans.get(jobId),
    projectJob: async (change: JobProjection) => {
      shown.set(change.jobId, [...(shown.get(change.jobId) ?? []), change]);
      await acts.get('projectJob')?.(change as never, 1);
    },
  } as unknown as Activities;

  const worker = await Worker.create({
    ...{ connection: native, namespace, taskQueue: TASK_QUEUE, activities },
    workflowBundle: await bundleWorkflows(),
    dataConverter: { failureConverterPath: FAILURE_CONVERTER },
    shutdownGraceTime: '1s',
    shutdownForceTime: '5s',
  });
  let running = idle ? undefined : worker.run();

  const job = (type: JobType): JobInput => ({
    ...{ jobId: newId(), type, tenantId: newId(), targetId: newId(), customerId: null, orderId: null },
  });
  const handleOf = (input: JobInput): WorkflowHandle => client.getHandle(jobWorkflowId(input));
  const lastOf = (input: JobInput) => shown.get(input.jobId)?.at(-1);

  return {
    client,
    acts,
    calls,
    tuning,
    job,
    begin(): void {
      running ??= worker.run();
    },
    handleOf,
    lastOf,
    async start(input: JobInput) {
      const workflowId = jobWorkflowId(input);
      const priority = priorityOf(input);
      await client.start(input.type, { workflowId, taskQueue: TASK_QUEUE, args: [input], priority });
      return handleOf(input);
    },
    /** An order that is paid, of these jobs. */
    order(...jobs: JobInput[]): JobInput {
      const order = job('order_fulfil');
      const items = jobs.map((each) => ({
        ...{ id: each.targetId, job: each, jobType: each.type, dependsOn: [], description: 'A mailbox' },
      }));
      plans.set(order.jobId, { paymentDueAt: new Date(0).toISOString(), items });
      acts.set('closeUnpaidOrder', () => 'paid');
      acts.set('finishOrder', () => 'active');
      return order;
    },
    decide: (input: JobInput, decision: unknown) => handleOf(input).signal(SIGNALS.decide, decision),
    /** Past all that the client does with what is said. */
    signalRaw: (input: JobInput, signalName: string, payload: Payload) =>
      connection.workflowService.signalWorkflowExecution({
        ...{ namespace, signalName, input: { payloads: [payload] } },
        workflowExecution: { workflowId: jobWorkflowId(input) },
      }),
    result: (input: JobInput): Promise<JobOutcome> => handleOf(input).result() as Promise<JobOutcome>,
    /** Once so many of its steps are shown as blocked. */
    blocked: (input: JobInput, count = 1) =>
      until(`${count} blocked steps of ${input.type}`, async () => {
        const last = lastOf(input);
        return last?.blocks.length === count ? last : undefined;
      }),
    async close() {
      if (running) worker.shutdown();
      await running;
      await Promise.all([connection.close(), native.close()]);
    },
  };
}
export type Runs = Awaited<ReturnType<typeof openRuns>>;
