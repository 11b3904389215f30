import { AppError } from '../../../core/app-error.ts';
import { JOB_ENDED } from '../../../core/states.ts';
import { Job } from '../../../db/entities/index.ts';
import { blockedSteps } from '../../../db/queries/job-views.ts';
import { enqueueSignal } from '../../../db/queries/outbox.ts';
import { lockRow, ownedBy } from '../../../db/queries/rows.ts';
import { type Decision, SIGNALS } from '../../../workflows/catalog.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';
import { beginAnew, isAbandoned } from './begin-anew.ts';

const ACTION: Record<Decision['kind'], string> = {
  retry: 'job.retried',
  skip: 'job.step_skipped',
  'give-up': 'job.given_up',
};

/** What an operator says about what is blocked. */
export interface Verdict {
  kind: Decision['kind'];
  reason: string;
  /** One step of this job; without it, every one, and of its children. */
  step?: string | undefined;
}

/**
 * An operator's word on blocked steps. Said to a parent it goes to every blocked child. The audit row makes it count once.
 * A retry of a job whose run was ended by force begins it anew.
 */
export async function decide(ctx: Context, id: string, { kind, reason, step }: Verdict): Promise<Job> {
  const abandoned = kind === 'retry' && (await isAbandoned(ctx, id));
  return change(ctx, async (tx) => {
    const { em, audit, send } = tx;
    const job = seen(ctx, await lockRow(em, Job, ownedBy(ctx.scope, { id })));
    const begins = abandoned && !JOB_ENDED.includes(job.status);
    if (begins) await beginAnew(tx, job, audit('job.begun_anew', id, { reason }));
    const blocked = (await blockedSteps(em, id)).filter((one) => !step || (one.jobId === id && one.step === step));
    if (!begins && !blocked.length)
      throw new AppError(
        'NOTHING_BLOCKED',
        `This job is ${job.status}; ${step ? `its step "${step}"` : 'nothing of it'} is not blocked.`,
      );
    for (const one of blocked)
      if (!one.decisions.includes(kind))
        throw new AppError('CANNOT_DECIDE', `"${one.step}" allows ${one.decisions.join(' and ')} only.`);
    for (const { jobId, workflowId, step: at } of blocked) {
      const eventId = audit(ACTION[kind], jobId, { step: at, reason });
      const decision: Decision = { eventId, kind, reason, step: at };
      send(enqueueSignal(em, workflowId, SIGNALS.decide, eventId, [decision]));
    }
    return job;
  });
}
