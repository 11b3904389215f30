import { ProviderError } from '../core/errors.ts';
import { JOB_ENDED } from '../core/states.ts';
import { Job } from '../db/entities/index.ts';
import { get } from '../db/queries/entity.ts';
import { outcomeOf } from '../db/queries/jobs.ts';
import { beginJobRow, markStep, projectJobRow } from '../db/queries/projection.ts';
import { recordSystemEvent } from '../db/queries/system-events.ts';
import { jobWorkflowId } from '../workflows/catalog.ts';
import type { AskActivities, LocalActivities } from '../workflows/contract.ts';
import { decisionOf } from './decision.ts';
import type { Deps } from './deps.ts';

export function jobActivities(deps: Deps) {
  return {
    async beginJob(job) {
      const undoing = await beginJobRow(deps.em(), job.jobId);
      const { STEP_ATTEMPTS: attempts, RETRY_SCALE: retryScale, RUN_EVENTS: events } = deps.config;
      return { attempts, retryScale, events, ...(undoing === undefined ? {} : { undoing }) };
    },
    async hearDecision({ jobId, tenantId, type, said }) {
      const decision = decisionOf(said);
      if (decision) return decision;
      const message = `Something was said to ${type} ${jobId} that is no decision: nothing came of it. If an operator said it, let it be said again.`;
      const key = `${jobId}/decide`;
      await recordSystemEvent(deps.em(), { type: 'job.unheard', level: 'warning', key, tenantId, message });
      return null;
    },
    async projectJob(change) {
      await deps.em().transactional((tx) => projectJobRow(tx, { ...change, ended: JOB_ENDED.includes(change.status) }));
    },
    /** Its run is looked at before its row: a run that has ended has told its row before. */
    async awaitJob({ jobId, type, tenantId }) {
      const run = await deps.runs.read(jobWorkflowId({ jobId, type, tenantId }));
      const ended = outcomeOf(await get(deps.em(), Job, jobId));
      if (ended || run.state !== 'open') return ended ?? null;
      const detail = `${type} ${jobId} goes on`;
      throw new ProviderError({ provider: 'temporal', operation: 'await', kind: 'busy', detail });
    },
    async skipStep({ jobId, name }) {
      await markStep(deps.em(), jobId, name, 'skipped', null);
    },
  } satisfies Partial<LocalActivities & AskActivities>;
}
