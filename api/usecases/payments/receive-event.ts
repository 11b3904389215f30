import Stripe from 'stripe';
import { AppError } from '../../../core/app-error.ts';
import { JOB_ENDED } from '../../../core/states.ts';
import { Invoice, type Job } from '../../../db/entities/index.ts';
import { orderJob } from '../../../db/queries/job-views.ts';
import { startJob } from '../../../db/queries/jobs.ts';
import { enqueueSignal } from '../../../db/queries/outbox.ts';
import { keepStripeEvent } from '../../../db/queries/payments.ts';
import { findRow } from '../../../db/queries/rows.ts';
import { SIGNALS } from '../../../workflows/catalog.ts';
import type { Anonymous } from '../../context.ts';
import { isUuid } from '../../http/parse.ts';

/**
 * Keeps a signed event once and tells the order's workflow to look. Nothing is decided here: what was paid is read from
 * Stripe by the one who owns the order. An event about nothing of ours is kept too, and thanked for.
 */
export async function receiveStripeEvent(ctx: Anonymous, body: unknown, signature: string | undefined): Promise<void> {
  const event = verify(ctx, body, signature);
  await ctx.em.transactional(async (em) => {
    const named = invoiceIdOf(event.data.object);
    const invoice = named ? await findRow(em, Invoice, { id: named }) : null;
    const fresh = await keepStripeEvent(em, {
      id: event.id,
      type: event.type,
      invoiceId: invoice?.id ?? null,
      payload: event,
    });
    const job = fresh && invoice?.orderId ? await orderJob(em, invoice.orderId) : null;
    if (invoice && job) ctx.parcels.push(tell(em, invoice, job, event.id));
  });
}

/** A closed order listens no more: what comes in for it is settled by a job of its own. */
function tell(em: Anonymous['em'], invoice: Invoice, job: Job, eventId: string): string {
  if (!JOB_ENDED.includes(job.status)) return enqueueSignal(em, job.workflowId, SIGNALS.payment, eventId, [eventId]);
  const { tenantId, customerId, orderId } = invoice;
  return startJob(em, {
    type: 'payment_settle',
    tenantId,
    targetId: orderId ?? invoice.id,
    customerId,
    orderId: orderId ?? null,
  }).outboxId;
}

function verify({ config }: Anonymous, body: unknown, signature: string | undefined): Stripe.Event {
  const secret = config.STRIPE_WEBHOOK_SECRET;
  if (!secret) throw new AppError('UNAVAILABLE', 'Payments by Stripe are switched off.');
  if (!Buffer.isBuffer(body) || !signature) throw new AppError('INVALID_SIGNATURE', 'The event is not signed.');
  try {
    return Stripe.webhooks.constructEvent(body, signature, secret);
  } catch {
    // Forged, stale or not JSON: the sender learns no more than that.
    throw new AppError('INVALID_SIGNATURE', 'The event is not signed by Stripe.');
  }
}

/** Where our sessions and payments carry the invoice: Stripe copies metadata to what it makes of them. */
function invoiceIdOf(object: Stripe.Event.Data.Object): string | undefined {
  const { metadata, client_reference_id: reference } = object as {
    metadata?: Record<string, string> | null;
    client_reference_id?: string | null;
  };
  return [metadata?.invoiceId, reference].find(isUuid);
}
