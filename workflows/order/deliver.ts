import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ChildWorkflowFailure, executeChild } from '@temporalio/workflow';
import { type JobInput, type JobOutcome, jobSummary, jobWorkflowId, priorityOf } from '../catalog.ts';
import type { ItemPlan } from '../contract.ts';
import type { WorkflowHost } from '../host.ts';
import { StepFailure, slowly } from '../saga.ts';

/** An item under a name that no other of its order has: what stands still is shown and decided about by it. */
type Named = ItemPlan & { name: string };

/** Delivers every item, each as soon as what it depends on is there. Answers why items were undone. */
export async function deliver(host: WorkflowHost, items: readonly ItemPlan[]): Promise<string[]> {
  const running = new Map<string, Promise<JobOutcome>>();
  for (const item of named(items)) running.set(item.id, deliverItem(host, item, running));
  const outcomes = await Promise.all(running.values());
  return outcomes.flatMap((outcome) => (outcome.reason ? [outcome.reason] : []));
}

function named(items: readonly ItemPlan[]): Named[] {
  const times = new Map<string, number>();
  return items.map((item) => {
    const { description } = item;
    const nth = (times.get(description) ?? 0) + 1;
    times.set(description, nth);
    return { ...item, name: nth === 1 ? description : `${description} (${nth})` };
  });
}

// Items come sorted so that what one depends on stands before it.
async function deliverItem(
  host: WorkflowHost,
  item: Named,
  running: ReadonlyMap<string, Promise<JobOutcome>>,
): Promise<JobOutcome> {
  const needed = await Promise.all(item.dependsOn.map((id) => running.get(id)));
  const missing = needed.find((outcome) => outcome && outcome.outcome !== 'completed');
  const outcome: JobOutcome = missing
    ? { outcome: 'cancelled', reason: `${item.description}: what it depends on could not be delivered` }
    : await runItem(host, item);
  if (outcome.outcome !== 'completed') await host.insist('refundItem', `refund ${item.name}`, item.id, outcome.reason);
  return outcome;
}

/**
 * The item's own job, to its end. What has ended is not begun again, and what goes on already is waited for: of an order
 * that is begun anew the children may have lived on.
 */
async function runItem(host: WorkflowHost, { job, name, ended }: Named): Promise<JobOutcome> {
  if (ended) return ended;
  for (;;) {
    const outcome = await childOutcome(host, job);
    if (outcome) return outcome;
    // Nobody knows how far it came. Its steps look before they act, so it can run again.
    await host.block(name, slowly(new StepFailure('exhausted', `${job.type} was ended from outside`)));
  }
}

/** Null where its run was ended from outside. */
async function childOutcome(host: WorkflowHost, job: JobInput): Promise<JobOutcome | null> {
  try {
    return await executeChild<(input: JobInput) => Promise<JobOutcome>>(job.type, {
      workflowId: jobWorkflowId(job),
      args: [job],
      staticSummary: jobSummary(job),
      parentClosePolicy: 'REQUEST_CANCEL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      typedSearchAttributes: host.searchAttributes(job),
      priority: priorityOf(job, true),
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return host.outcomeOf(job);
    if (error instanceof ChildWorkflowFailure) return null;
    throw error;
  }
}
