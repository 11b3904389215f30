import { ChildWorkflowFailure, executeChild } from '@temporalio/workflow';
import { type JobOutcome, jobSummary, jobWorkflowId } from '../catalog.ts';
import type { ItemPlan } from '../contract.ts';
import type { WorkflowHost } from '../host.ts';
import { StepFailure } from '../saga.ts';

/** Delivers every item, each as soon as what it depends on is there. Answers why items were undone. */
export async function deliver(host: WorkflowHost, items: readonly ItemPlan[]): Promise<string[]> {
  const running = new Map<string, Promise<JobOutcome>>();
  for (const item of items) running.set(item.id, deliverItem(host, item, running));
  const outcomes = await Promise.all(running.values());
  return outcomes.flatMap((outcome) => (outcome.reason ? [outcome.reason] : []));
}

// Items come sorted so that what one depends on stands before it.
async function deliverItem(
  host: WorkflowHost,
  item: ItemPlan,
  running: ReadonlyMap<string, Promise<JobOutcome>>,
): Promise<JobOutcome> {
  const needed = await Promise.all(item.dependsOn.map((id) => running.get(id)));
  const missing = needed.find((outcome) => outcome && outcome.outcome !== 'completed');
  const outcome: JobOutcome = missing
    ? { outcome: 'cancelled', reason: `${item.description}: what it depends on could not be delivered` }
    : await runItem(host, item);
  if (outcome.outcome !== 'completed')
    await host.insist('refundItem', `refund ${item.description}`, item.id, outcome.reason);
  return outcome;
}

async function runItem(host: WorkflowHost, item: ItemPlan): Promise<JobOutcome> {
  const { job } = item;
  for (;;) {
    try {
      return await executeChild<(input: typeof job) => Promise<JobOutcome>>(job.type, {
        workflowId: jobWorkflowId(job),
        args: [job],
        staticSummary: jobSummary(job),
        parentClosePolicy: 'REQUEST_CANCEL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        typedSearchAttributes: host.searchAttributes(job),
      });
    } catch (error) {
      if (!(error instanceof ChildWorkflowFailure)) throw error;
      // Terminated from outside: nobody knows how far it came. Its steps look before they act, so it can run again.
      await host.block(item.description, new StepFailure('exhausted', `${job.type} was ended from outside`));
    }
  }
}
