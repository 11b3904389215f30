import type { EntityManager } from '@mikro-orm/postgresql';
import { JOB_ENDED } from '../../core/states.ts';
import { Job, JobStep } from '../entities/index.ts';
import { findRow, listRows, ownedBy, type PageQuery, type Scope, sql } from './rows.ts';

/** A job with its steps in their order. */
export interface JobView {
  job: Job;
  steps: JobStep[];
}

export interface JobFilter {
  status?: Job['status'] | undefined;
  type?: string | undefined;
  targetId?: string | undefined;
  parentJobId?: string | undefined;
}

export const listJobs = (em: EntityManager, scope: Scope, filter: JobFilter, page: PageQuery) =>
  listRows(em, Job, ownedBy(scope, { ...filter }), page);

export const findJob = (em: EntityManager, scope: Scope, id: string) => findRow(em, Job, ownedBy(scope, { id }));

export async function findJobView(em: EntityManager, scope: Scope, id: string): Promise<JobView | null> {
  const job = await findJob(em, scope, id);
  return job && { job, steps: await em.find(JobStep, { jobId: id }, { orderBy: { position: 'asc' } }) };
}

export interface BlockedStep {
  jobId: string;
  workflowId: string;
  step: string;
  decisions: string[];
}

/** What stands still of a job and of its children. */
export function blockedSteps(em: EntityManager, jobId: string): Promise<BlockedStep[]> {
  return sql(
    em,
    `select job.id as "jobId", job.workflow_id as "workflowId", job_step.name as step, coalesce(job_step.decisions, '["retry", "skip", "give-up"]') as decisions
     from job join job_step on job_step.job_id = job.id and job_step.status = 'blocked'
     where (job.id = ? or job.parent_job_id = ?) and job.status = 'blocked' order by job.id, job_step.position`,
    [jobId, jobId],
  );
}

/** The job that carries an order from its placing to its end. */
export function orderJob(em: EntityManager, orderId: string): Promise<Job | null> {
  return em.findOne(Job, { orderId, type: 'order_fulfil' });
}

/** Whether something is being done to a resource now. */
export async function hasLiveJob(em: EntityManager, targetId: string): Promise<boolean> {
  return (await em.count(Job, { targetId, status: { $nin: [...JOB_ENDED] } })) > 0;
}

/** What is being done to a resource now, oldest first. */
export function liveJobs(em: EntityManager, targetId: string): Promise<Job[]> {
  return em.find(Job, { targetId, status: { $nin: [...JOB_ENDED] } }, { orderBy: { id: 'asc' } });
}

export async function jobHasEnded(em: EntityManager, id: string): Promise<boolean> {
  return (await em.count(Job, { id, status: { $in: [...JOB_ENDED] } })) > 0;
}
