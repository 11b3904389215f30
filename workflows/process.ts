import { CancellationScope } from '@temporalio/workflow';
import type { JobInput, JobOutcome } from './catalog.ts';
import { WorkflowHost } from './host.ts';
import { runSaga, type Saga } from './saga.ts';

/** The workflow of a saga. Nothing cancels it half-way: an operator who wants it undone gives the blocked step up. */
export function processOf(saga: Saga): (job: JobInput) => Promise<JobOutcome> {
  return (job) =>
    CancellationScope.nonCancellable(async () => {
      const host = await WorkflowHost.begin(job);
      return host.end(await runSaga(saga, host));
    });
}
