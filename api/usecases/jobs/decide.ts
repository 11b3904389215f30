import { AppError } from '../../../core/app-error.ts';
import { Job } from '../../../db/entities/index.ts';
import { blockedChildren } from '../../../db/queries/job-views.ts';
import { enqueueSignal } from '../../../db/queries/outbox.ts';
import { lockRow, ownedBy } from '../../../db/queries/rows.ts';
import { type Decision, SIGNALS } from '../../../workflows/catalog.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';

const ACTION: Record<Decision['kind'], string> = {
  retry: 'job.retried',
  skip: 'job.step_skipped',
  'give-up': 'job.given_up',
};

/** An operator's word on a blocked step. Said to a parent it goes to every blocked child. The audit row makes it count once. */
export function decide(ctx: Context, id: string, kind: Decision['kind'], reason: string): Promise<Job> {
  return change(ctx, async ({ em, audit, send }) => {
    const job = seen(ctx, await lockRow(em, Job, ownedBy(ctx.scope, { id })));
    const children = await blockedChildren(em, id);
    const blocked = job.status === 'blocked' ? [job, ...children] : children;
    if (!blocked.length) throw new AppError('NOTHING_BLOCKED', `This job is ${job.status}; nothing of it is blocked.`);
    for (const { id: jobId, workflowId, step } of blocked) {
      const eventId = audit(ACTION[kind], jobId, { step: step ?? null, reason });
      send(enqueueSignal(em, workflowId, SIGNALS.decide, eventId, [{ eventId, kind, reason } satisfies Decision]));
    }
    return job;
  });
}
