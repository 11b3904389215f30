import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';

export interface Histories {
  workflows: number;
  events: number;
  /** Remote activities that were scheduled; local ones are none. */
  activities: number;
}

/** What the engine wrote down of all runs that began after a moment, once they have closed. Nothing else may go on meanwhile. */
export async function historiesSince(client: Client, since: Date): Promise<Histories> {
  const found: Histories = { workflows: 0, events: 0, activities: 0 };
  for (const { workflowId, runId } of await closedRuns(client, since)) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    found.workflows += 1;
    found.events += events?.length ?? 0;
    found.activities += events?.filter((event) => event.activityTaskScheduledEventAttributes).length ?? 0;
  }
  return found;
}

/** The list of runs is a moment behind the runs. */
async function closedRuns(client: Client, since: Date): Promise<WorkflowExecutionInfo[]> {
  for (;;) {
    const runs: WorkflowExecutionInfo[] = [];
    for await (const run of client.workflow.list({ query: `StartTime >= '${since.toISOString()}'` })) runs.push(run);
    if (runs.length && runs.every(({ status }) => status.name !== 'RUNNING')) return runs;
    await sleep(200);
  }
}
