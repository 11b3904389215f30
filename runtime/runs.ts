import { type WorkflowClient, WorkflowNotFoundError } from '@temporalio/client';
import { ProviderError } from '../core/errors.ts';
import type { Engine } from './engine.ts';

/** open: it goes on · ended: by itself or by force, see `status` · absent: the server does not know it (any more). */
export type RunState = { state: 'open' } | { state: 'ended'; status: string } | { state: 'absent' };

/** Runs of workflows as the server has them. */
export interface Runs {
  /** Ids of jobs' workflows that are open, from visibility: seconds old. */
  open(): AsyncIterable<string>;
  /** How one stands now. */
  read(workflowId: string): Promise<RunState>;
}

const silent = (operation: string, cause: unknown) =>
  new ProviderError({ provider: 'temporal', operation, kind: 'unavailable', detail: (cause as Error).message, cause });

/** Visibility answers ten calls a second; a page of it has a thousand runs. */
const PAGE = 1_000;

/** @param taskQueue ours: another platform may share the namespace, with a queue of its own */
export function runsOf(engine: Pick<Engine, 'client'>, taskQueue: string): Runs {
  return {
    async *open() {
      const { workflow } = await engine.client();
      const query = `ExecutionStatus = 'Running' AND JobType IS NOT NULL AND TaskQueue = '${taskQueue}'`;
      try {
        for await (const { workflowId } of workflow.list({ query, pageSize: PAGE })) yield workflowId;
      } catch (cause) {
        throw silent('list', cause);
      }
    },
    async read(workflowId) {
      const { workflow } = await engine.client();
      try {
        return await readRun(workflow, workflowId);
      } catch (error) {
        throw silent('describe', error);
      }
    },
  };
}

/** How a run stands now; throws what the client throws. */
export async function readRun(workflow: WorkflowClient, workflowId: string): Promise<RunState> {
  try {
    const { status } = await workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING' ? { state: 'open' } : { state: 'ended', status: status.name.toLowerCase() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { state: 'absent' };
    throw error;
  }
}
