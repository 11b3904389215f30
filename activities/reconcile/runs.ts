import type { DriftKind } from '../../core/drift.ts';
import { JOB_ENDED } from '../../core/states.ts';
import { Finding, Job, Outbox } from '../../db/entities/index.ts';
import { all, first } from '../../db/queries/entity.ts';
import { inBatches } from '../../db/queries/estate.ts';
import { isBegunByParent } from '../../db/queries/jobs.ts';
import { sendAgain, staleStarts } from '../../db/queries/outbox.ts';
import type { RunState } from '../../runtime/runs.ts';
import type { Deps } from '../deps.ts';
import type { Comparer, Held, Suspect } from './comparer.ts';

/** A job this young may be on its way to its run; one that ended this shortly ago may still be closing it. */
const GRACE_MS = 60_000;
const LIVE = { status: { $nin: [...JOB_ENDED] } };
/** <type>/<tenant>/<job> */
const JOB_ID = /^[a-z_]+\/[0-9a-f-]{36}\/([0-9a-f-]{36})$/;

/** Who is to begin the run of a job, as far as our rows say. */
export interface Beginning {
  /** Of its own start, which went out, is on its way, or is not there; of a child: its parent's run. */
  by: 'sent' | 'pending' | 'parent' | 'nobody';
  /** It was seen that somebody ended its run. */
  wasEnded: boolean;
}

/**
 * How an open job's run differs. The server forgets runs that have ended: one that was ended by force is not begun again
 * for that.
 */
export function runDrift(run: RunState, { by, wasEnded }: Beginning): DriftKind | undefined {
  if (run.state === 'open') return undefined;
  if (run.state === 'ended' || wasEnded) return 'run_ended';
  return by === 'sent' ? 'run_missing' : by === 'nobody' ? 'run_ended' : undefined;
}

/** Jobs that are open in our rows against runs that are open in the engine. */
export function runComparer(deps: Deps): Comparer {
  const grace = () => new Date(Date.now() - GRACE_MS * deps.config.RETRY_SCALE);

  async function* suspects(progress: { compared: number }): AsyncGenerator<Suspect> {
    const open = new Set<string>();
    for await (const workflowId of deps.runs.open()) open.add(workflowId);
    // A child that has not begun has no run, and no start of its own.
    const begun = { $or: [{ parentJobId: null }, { status: { $ne: 'pending' as const } }] };
    for await (const batch of inBatches(deps.em, Job, { ...LIVE, ...begun, createdAt: { $lt: grace() } }))
      for (const { workflowId, id } of batch) {
        progress.compared++;
        if (open.delete(workflowId)) continue;
        for (const kind of ['run_missing', 'run_ended'] as const) yield { kind, subject: workflowId, resourceId: id };
      }
    for (const workflowId of open) yield { kind: 'run_orphan', subject: workflowId, resourceId: null };
    for (const { workflowId } of await staleStarts(deps.em(), grace()))
      yield { kind: 'start_stale', subject: workflowId, resourceId: null };
  }

  async function again(suspect: Suspect): Promise<Held | undefined> {
    const { kind, subject } = suspect;
    if (kind === 'start_stale') return stale(subject);
    const run = await deps.runs.read(subject);
    return kind === 'run_orphan' ? orphan(subject, run) : withoutRun(suspect, run);
  }

  async function withoutRun({ kind, subject }: Suspect, run: RunState): Promise<Held | undefined> {
    const job = await first(deps.em(), Job, { workflowId: subject, ...LIVE });
    if (!job || job.updatedAt > grace()) return undefined;
    if (runDrift(run, await beginning(job)) !== kind) return undefined;
    return {
      ...{ kind, subject, resourceId: job.id, tenantId: job.tenantId, touching: [] },
      text: `${job.type.replaceAll('_', ' ')} ${job.id} is ${job.status} here and its run ${run.state === 'ended' ? `is ${run.status}` : 'is nowhere'}`,
      evidence: { status: job.status, run },
    };
  }

  async function beginning(job: Job): Promise<Beginning> {
    const subject = job.workflowId;
    const start = await first(deps.em(), Outbox, { workflowId: subject, kind: 'start' });
    const unsent = (await isBegunByParent(deps.em(), job)) ? 'parent' : 'nobody';
    const by = start ? (start.state === 'pending' ? 'pending' : 'sent') : unsent;
    return { by, wasEnded: (await first(deps.em(), Finding, { kind: 'run_ended', subject, state: 'open' })) !== null };
  }

  /** A run that goes on for a job which is over, or which nobody knows. It may be about to change something: it is let be. */
  async function orphan(workflowId: string, run: RunState): Promise<Held | undefined> {
    const id = JOB_ID.exec(workflowId)?.[1];
    const job = id ? await first(deps.em(), Job, { id }) : null;
    const over = !job || (JOB_ENDED.includes(job.status) && (job.endedAt ?? new Date()) < grace());
    if (run.state !== 'open' || !over) return undefined;
    return {
      ...{ kind: 'run_orphan' as const, subject: workflowId, touching: [] },
      ...{ resourceId: job?.id ?? null, tenantId: job?.tenantId ?? null },
      text: `The run ${workflowId} goes on though its job ${job ? `is ${job.status}` : 'is not known here'}`,
      evidence: { status: job?.status ?? null },
    };
  }

  async function stale(workflowId: string): Promise<Held | undefined> {
    const row = (await staleStarts(deps.em(), grace())).find((one) => one.workflowId === workflowId);
    const job = row && (await first(deps.em(), Job, { workflowId }));
    if (!row) return undefined;
    return {
      ...{ kind: 'start_stale' as const, subject: workflowId, touching: [] },
      ...{ resourceId: job?.id ?? null, tenantId: job?.tenantId ?? null },
      text: `The start of ${workflowId} has not gone out since ${row.createdAt.toISOString()}: ${row.error ?? 'no attempt failed'}`,
      evidence: { attempts: row.attempts, error: row.error ?? null },
    };
  }

  async function resend(subject: string): Promise<void> {
    const ids = (await all(deps.em(), Outbox, { workflowId: subject, kind: 'start' })).map(({ id }) => id);
    await sendAgain(deps.em(), ids);
  }

  return {
    system: 'temporal',
    suspects,
    again,
    repairs: {
      run_missing: (_, { subject }) => resend(subject),
      start_stale: (_, { subject }) => resend(subject),
    },
  };
}
