import type { EntityManager } from '@mikro-orm/postgresql';

/** Job and step rows as the runs themselves tell them; every statement may be repeated. */

export async function beginJobRow(em: EntityManager, jobId: string): Promise<void> {
  await run(em, `update job set status = 'running', updated_at = now() where id = ? and status = 'pending'`, [jobId]);
}

/** A write that comes late, from a worker that was given up, does not bring an ended job back. */
export async function projectJobRow(
  em: EntityManager,
  change: { jobId: string; status: string; step: string | null; reason: string | null; ended: boolean },
): Promise<void> {
  await run(
    em,
    `update job set status = ?, step = coalesce(?, case when ? then null else step end), reason = ?, updated_at = now(),
       ended_at = case when ? then now() end where id = ? and (? or ended_at is null)`,
    [change.status, change.step, change.ended, change.reason, change.ended, change.jobId, change.ended],
  );
  if (change.status === 'blocked' && change.step)
    await markStep(em, change.jobId, change.step, 'blocked', change.reason);
  await run(em, PARENT, [change.jobId]);
}

// An order's own job shows as blocked while one of its items is.
const PARENT = `update job parent set updated_at = now(), status = case when exists (
    select from job child where child.parent_job_id = parent.id and child.status = 'blocked') then 'blocked' else 'running' end
  where parent.id = (select parent_job_id from job where id = ?) and parent.status in ('running', 'blocked') and parent.step is null`;

export async function beginStep(
  em: EntityManager,
  step: { jobId: string; name: string; attempt: number; undo: boolean },
): Promise<void> {
  await run(
    em,
    `insert into job_step (job_id, name, position, status, attempt, started_at)
     select ?, ?, coalesce(max(position), 0) + 1, ?, ?, now() from job_step where job_id = ?
     on conflict (job_id, name) do update set status = excluded.status, attempt = excluded.attempt, ended_at = null`,
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
  return em.getConnection().execute(text, params, 'run', em.getTransactionContext());
}
