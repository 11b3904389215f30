import type { EntityManager } from '@mikro-orm/postgresql';
import type { SystemEvent } from '../entities/index.ts';
import { sql } from './rows.ts';
import { recordSystemEvent } from './system-events.ts';

/** Job and step rows as the runs themselves tell them; every statement may be repeated. */

/** Of a run that goes on from another one, or begins anew, nothing stands still yet. Answers why its job is being undone. */
export async function beginJobRow(em: EntityManager, jobId: string): Promise<string | undefined> {
  const begun = `update job set status = 'running', updated_at = now() where id = ? and status = 'pending'`;
  if ((await run(em, begun, [jobId])).affectedRows) return undefined;
  const [job] = await sql<{ reason: string | null }>(em, WHY_UNDONE, [jobId]);
  const reason = job?.reason ?? null;
  const status = reason === null ? 'running' : 'compensating';
  await em.transactional((tx) => projectJobRow(tx, { jobId, status, step: null, reason, blocks: [], ended: false }));
  return reason ?? undefined;
}

// Given up since it was shown blocked: the run that this was said to is gone or never acted on it, else the row would
// have changed. To the run that begins it may be said once more, which changes nothing.
const WHY_UNDONE = `select coalesce(undoing, (select args->0->>'reason' from outbox
    where outbox.workflow_id = job.workflow_id and kind = 'signal' and name = 'decide' and args->0->>'kind' = 'give-up'
      and job.status = 'blocked' and outbox.created_at >= job.updated_at order by outbox.id limit 1)) as reason
  from job where id = ?`;

export interface JobChange {
  jobId: string;
  status: string;
  step: string | null;
  reason: string | null;
  /** All that stands still now. */
  blocks: readonly { step: string; reason: string; decisions: readonly string[] }[];
  ended: boolean;
}

/** A write that comes late, from a worker that was given up, does not bring an ended job back. */
export async function projectJobRow(em: EntityManager, change: JobChange): Promise<void> {
  const { jobId, status, step, reason, blocks, ended } = change;
  const [job] = await sql<Projected>(
    em,
    `update job set status = case when ? = 'running' and ${CHILD_BLOCKED('job')} then 'blocked' else ? end,
       step = coalesce(?, case when ? then null else step end), reason = ?, updated_at = now(),
       undoing = case when ? = 'compensating' then ? else undoing end,
       ended_at = case when ? then now() end where id = ? and (? or ended_at is null)
     returning tenant_id as "tenantId", type, job.step`,
    [status, status, step, ended, reason, status, reason, ended, jobId, ended],
  );
  if (!job) return;
  const goesOn = ended ? 'done' : status === 'compensating' ? 'undoing' : 'running';
  await run(em, LET_GO, [goesOn, jobId, JSON.stringify(blocks.map((block) => block.step))]);
  for (const block of blocks)
    await run(em, STAND_STILL, [jobId, block.step, block.reason, JSON.stringify(block.decisions), jobId]);
  await run(em, PARENT, [jobId]);
  await tellOperators(em, change, job);
}

type Projected = { tenantId: string; type: string; step: string | null };

/** What operators are told of, as `job.` and the status: job.blocked. */
const TOLD: Record<string, SystemEvent['level']> = { blocked: 'warning', failed: 'error', compensated: 'warning' };

/** Keys are indexed; a reason may be longer than an index takes. */
const KEY_CHARS = 500;

// One that is tried again by itself and stands still where it did, for the same reason, is told once.
async function tellOperators(em: EntityManager, { jobId, status, reason }: JobChange, job: Projected): Promise<void> {
  const level = TOLD[status];
  if (!level) return;
  const { tenantId, type, step } = job;
  const why = [step, reason].filter(Boolean).join(': ');
  await recordSystemEvent(em, {
    ...{ type: `job.${status}`, level, key: `${jobId}/${why}`.slice(0, KEY_CHARS), tenantId },
    message: `${type} is ${status}${why && `: ${why}`}`,
    data: { jobId, type, step, reason },
  });
}

// An order's own job shows as blocked while it is itself, or while one of its items is.
const CHILD_BLOCKED = (parent: string) =>
  `exists (select from job child where child.parent_job_id = ${parent}.id and child.status = 'blocked')`;
const PARENT = `update job parent set updated_at = now(), status = case when ${CHILD_BLOCKED('parent')}
    or exists (select from job_step where job_id = parent.id and status = 'blocked') then 'blocked' else 'running' end
  where parent.id = (select parent_job_id from job where id = ?) and parent.status in ('running', 'blocked')`;

const LET_GO = `update job_step set status = ?, decisions = null where job_id = ? and status = 'blocked' and name not in (select jsonb_array_elements_text(?::jsonb))`;
const STAND_STILL = `insert into job_step (job_id, name, position, status, error, decisions, started_at)
  select ?, ?, coalesce(max(position), 0) + 1, 'blocked', ?, ?::jsonb, now() from job_step where job_id = ?
  on conflict (job_id, name) do update set status = 'blocked', error = excluded.error, decisions = excluded.decisions, ended_at = null`;

// Whoever fails says why, unless the process was killed or the database away. A step that blocked before it could be
// written has no attempt yet, and a reason.
const LEFT_OPEN = `job_step.status in ('running', 'undoing') and job_step.attempt > 0 and excluded.attempt > job_step.attempt`;
const NO_WORD = `'attempt ' || job_step.attempt || ' left no word: its worker died, was not heard of in time or could not reach the database'`;

/** An attempt begins. One before it that left no word is told as the step's error until this one has an end. */
export async function beginStep(
  em: EntityManager,
  step: { jobId: string; name: string; attempt: number; undo: boolean },
): Promise<void> {
  await run(
    em,
    `insert into job_step (job_id, name, position, status, attempt, started_at)
     select ?, ?, coalesce(max(position), 0) + 1, ?, ?, now() from job_step where job_id = ?
     on conflict (job_id, name) do update set status = excluded.status, attempt = excluded.attempt, ended_at = null,
       error = case when ${LEFT_OPEN} then ${NO_WORD} else job_step.error end`,
    [step.jobId, step.name, step.undo ? 'undoing' : 'running', step.attempt, step.jobId],
  );
}

export async function markStep(
  em: EntityManager,
  jobId: string,
  name: string,
  status: string,
  error: string | null,
): Promise<void> {
  await run(
    em,
    `update job_step set status = ?, error = ?, ended_at = case when ? in ('running', 'blocked') then null else now() end
     where job_id = ? and name = ?`,
    [status, error, status, jobId, name],
  );
}

function run(em: EntityManager, text: string, params: unknown[]) {
  return em.getConnection().execute<{ affectedRows: number }>(text, params, 'run', em.getTransactionContext());
}
