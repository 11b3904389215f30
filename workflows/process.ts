import type { JobInput, JobOutcome } from './catalog.ts';
import { type Carried, inRuns } from './runs.ts';
import { type Progress, runSaga, type Saga } from './saga.ts';

/** @param carried of the run that this one goes on from */
export type Process = (job: JobInput, carried?: Carried<Progress>) => Promise<JobOutcome>;

/** The workflow of a saga. An operator who wants it undone half-way gives the blocked step up. */
export function processOf(saga: Saga): Process {
  return (job, carried) => {
    const progress: Progress = carried?.state ?? {};
    return inRuns(
      job,
      carried,
      () => progress,
      async (host) => {
        if (host.undoing !== undefined) progress.undoing ??= host.undoing;
        return host.end(await runSaga(saga, host, progress));
      },
    );
  };
}
