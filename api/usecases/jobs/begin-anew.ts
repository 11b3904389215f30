import { JOB_ENDED } from '../../../core/states.ts';
import type { Job } from '../../../db/entities/index.ts';
import { findJob } from '../../../db/queries/job-views.ts';
import { isBegunByParent, jobInput } from '../../../db/queries/jobs.ts';
import { enqueueSignal, enqueueStart, wasTold } from '../../../db/queries/outbox.ts';
import { SIGNALS } from '../../../workflows/catalog.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import type { Change } from '../change.ts';

const DEADLINE_MS = 3_000;

/**
 * Whether a job goes on in our rows and its run does not: ended by force, or lost with Temporal's data. What its parent
 * began is begun again by that. While Temporal does not answer, no job counts as one.
 */
export async function isAbandoned(ctx: Context, id: string): Promise<boolean> {
  const job = seen(ctx, await findJob(ctx.em, ctx.scope, id));
  if (JOB_ENDED.includes(job.status)) return false;
  if (await isBegunByParent(ctx.em, job)) return false;
  try {
    return (await ctx.engine.run(job.workflowId, DEADLINE_MS)).state !== 'open';
  } catch (error) {
    ctx.logger.warn({ err: error, requestId: ctx.requestId }, 'Temporal was not asked for a run');
    return false;
  }
}

/**
 * A new run of a job, from its first step: each looks before it acts, and what was being undone is undone to its end. If
 * the run goes on after all, or its good end is about to be told, nothing happens.
 */
export async function beginAnew({ em, send }: Change, job: Job, eventId: string): Promise<void> {
  send(enqueueStart(em, jobInput(job), eventId));
  if (job.type !== 'order_fulfil') return;
  const { workflowId } = job;
  // What was paid meanwhile was told to nobody, and that the order was called off to the run that is gone alone.
  send(enqueueSignal(em, workflowId, SIGNALS.payment, eventId, [eventId]));
  if (await wasTold(em, workflowId, SIGNALS.cancel))
    send(enqueueSignal(em, workflowId, SIGNALS.cancel, `${SIGNALS.cancel}/${eventId}`, [eventId]));
}
