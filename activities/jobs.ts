import { JOB_ENDED } from '../core/states.ts';
import { beginJobRow, markStep, projectJobRow } from '../db/queries/projection.ts';
import type { LocalActivities } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';

export function jobActivities(deps: Deps) {
  return {
    async beginJob(job) {
      await beginJobRow(deps.em(), job.jobId);
      return { attempts: deps.config.STEP_ATTEMPTS, retryScale: deps.config.RETRY_SCALE };
    },
    async projectJob(change) {
      await deps.em().transactional((tx) => projectJobRow(tx, { ...change, ended: JOB_ENDED.includes(change.status) }));
    },
    async skipStep({ jobId, name }) {
      await markStep(deps.em(), jobId, name, 'skipped', null);
    },
  } satisfies Partial<LocalActivities>;
}
