import { findOutbox, markSent, parcelOf } from '../db/queries/outbox.ts';
import type { Anonymous } from './context.ts';

/**
 * Sends what the request committed, within `deadlineMs` altogether. What does not get through is only logged: the
 * dispatcher of the workers sweeps the outbox, and is alone in deciding what becomes of a parcel that nobody takes.
 */
export async function dispatch(ctx: Anonymous, deadlineMs: number): Promise<void> {
  const ids = ctx.parcels.splice(0);
  if (!ids.length) return;
  const end = Date.now() + deadlineMs;
  const em = ctx.em.fork();
  try {
    for (const row of await findOutbox(em, ids)) {
      const delivery = await ctx.engine.deliver(parcelOf(row), Math.max(1, end - Date.now()));
      if (delivery === 'sent') await markSent(em, row.id);
    }
  } catch (error) {
    ctx.logger.warn({ err: error, requestId: ctx.requestId }, 'left to the dispatcher');
  }
}
