import type { z } from 'zod';
import type { Job } from '../../../../db/entities/index.ts';
import type { JobView } from '../../../../db/queries/job-views.ts';
import type { JobType } from '../../../../workflows/catalog.ts';
import type * as schemas from '../schemas.ts';
import { moment } from './common.ts';

export function presentJob(job: Job): z.infer<typeof schemas.Job> {
  const { id, tenantId, status, targetId, createdAt, updatedAt } = job;
  return {
    id,
    tenantId,
    type: job.type as JobType,
    status,
    targetId,
    parentJobId: job.parentJobId ?? null,
    orderId: job.orderId ?? null,
    step: job.step ?? null,
    reason: job.reason ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    endedAt: moment(job.endedAt),
  };
}

export function presentJobView({ job, steps }: JobView): z.infer<typeof schemas.JobWithSteps> {
  return {
    ...presentJob(job),
    steps: steps.map(({ name, status, attempt, error, startedAt, endedAt }) => ({
      name,
      status,
      attempt,
      error: error ?? null,
      startedAt: moment(startedAt),
      endedAt: moment(endedAt),
    })),
  };
}

export function presentJobRef({ id, type, status }: Job): z.infer<typeof schemas.JobRef> {
  return { id, type: type as JobType, status };
}
