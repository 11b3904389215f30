import { CancellationScope, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { CarriedBlocks } from './blocks.ts';
import type { JobInput, JobOutcome } from './catalog.ts';
import { WorkflowHost } from './host.ts';

/** What one run of a job hands to the next. */
export interface Carried<S> {
  /** What the workflow itself keeps between its activities. */
  state: S;
  blocks: CarriedBlocks;
}

/** The state of a workflow that finds out from the rows how far it came. */
export const NOTHING = () => null;

/**
 * A job's workflow: in one run as a rule. What stands still is tried again for ever, and each time adds to its history;
 * once that is long, a new run goes on from what is kept. Nothing cancels it half-way: money and guests would be left
 * to nobody.
 * @param state what is kept; read when the next run begins
 */
export function inRuns<S>(
  job: JobInput,
  carried: Carried<S> | undefined,
  state: () => S,
  work: (host: WorkflowHost) => Promise<JobOutcome>,
): Promise<JobOutcome> {
  return CancellationScope.nonCancellable(async () => {
    const host = await WorkflowHost.begin(job, carried?.blocks);
    const next = async (): Promise<never> => {
      // While an activity is under way the next run would begin it a second time.
      await condition(() => host.idle && isLong(host.events));
      return continueAsNew<(job: JobInput, carried: Carried<S>) => Promise<JobOutcome>>(job, {
        state: state(),
        blocks: host.carried(),
      });
    };
    return Promise.race([work(host), next()]);
  });
}

function isLong(events: number): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= events;
}
