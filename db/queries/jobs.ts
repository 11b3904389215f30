import type { EntityManager } from '@mikro-orm/postgresql';
import { JOB_ENDED } from '../../core/states.ts';
import { newId } from '../../runtime/ids.ts';
import { type JobInput, type JobOutcome, type JobType, jobWorkflowId } from '../../workflows/catalog.ts';
import { Job, Outbox } from '../entities/index.ts';
import { asPlatform } from '../tenant-scope.ts';
import { enqueueStart } from './outbox.ts';

export interface NewJob {
  type: JobType;
  tenantId: string;
  targetId: string;
  customerId?: string | null;
  orderId?: string | null;
  parentJobId?: string | null;
}

/** The row of a job whose workflow somebody else starts: the child of an order. */
export function createJob(em: EntityManager, fields: NewJob): Job {
  const id = newId();
  const workflowId = jobWorkflowId({ type: fields.type, tenantId: fields.tenantId, jobId: id });
  const job = em.create(Job, {
    id,
    workflowId,
    type: fields.type,
    tenantId: fields.tenantId,
    targetId: fields.targetId,
    customerId: fields.customerId ?? null,
    orderId: fields.orderId ?? null,
    parentJobId: fields.parentJobId ?? null,
  });
  em.persist(job);
  return job;
}

/** A job and the start of its workflow, in the caller's transaction. */
export function startJob(em: EntityManager, fields: NewJob): { job: Job; outboxId: string } {
  const job = createJob(em, fields);
  return { job, outboxId: enqueueStart(em, jobInput(job)) };
}

export function jobInput(job: Job): JobInput {
  return {
    jobId: job.id,
    type: job.type as JobType,
    tenantId: job.tenantId,
    targetId: job.targetId,
    customerId: job.customerId ?? null,
    orderId: job.orderId ?? null,
  };
}

/** How a job has ended; undefined while it goes on. */
export function outcomeOf({ status, reason }: Job): JobOutcome | undefined {
  if (!JOB_ENDED.includes(status)) return undefined;
  const outcome = status === 'completed' || status === 'cancelled' ? status : 'compensated';
  return { outcome, ...(reason ? { reason } : {}) };
}

/** Whether a job's run is its parent's to begin: it has no start of its own, and the parent goes on. */
export function isBegunByParent(em: EntityManager, { workflowId, parentJobId }: Job): Promise<boolean> {
  return asPlatform('a sweep starts jobs of all tenants', async () => {
    if (!parentJobId || (await em.count(Outbox, { workflowId, kind: 'start' }))) return false;
    return (await em.count(Job, { id: parentJobId, status: { $nin: [...JOB_ENDED] } })) > 0;
  });
}

/** How many jobs of this type are under way, whoever's they are. */
export function countLiveJobs(em: EntityManager, type: JobType): Promise<number> {
  return em.count(Job, { type, status: { $nin: [...JOB_ENDED] } });
}

/** Whether a job of this type is under way for a target. */
export async function hasLiveJobOf(em: EntityManager, type: JobType, targetId: string): Promise<boolean> {
  return (await em.count(Job, { type, targetId, status: { $nin: [...JOB_ENDED] } })) > 0;
}
