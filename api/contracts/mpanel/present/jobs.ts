import type { z } from 'zod';
import type { JobStatus, StepStatus } from '../../../../core/states.ts';
import type { Job, JobEvent } from '../../../../db/entities/index.ts';
import type { JobView } from '../../../../db/queries/job-views.ts';
import type { JobType } from '../../../../workflows/catalog.ts';
import type * as schemas from '../schemas/index.ts';
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

export function presentJobEvent(row: JobEvent): { event: 'job' | 'step'; data: z.infer<typeof schemas.Told> } {
  const { jobId, message, createdAt } = row;
  const told = { jobId, type: row.type as JobType, at: createdAt.toISOString() };
  const endedAt = moment(row.endedAt);
  if (row.step === null || row.step === undefined)
    return { event: 'job', data: { ...told, status: row.status as JobStatus, reason: message ?? null, endedAt } };
  const { step: name, attempt, startedAt } = row;
  const status = row.status as StepStatus;
  const data = { name, status, attempt: attempt ?? 0, error: message ?? null, startedAt: moment(startedAt), endedAt };
  return { event: 'step', data: { ...told, ...data } };
}
