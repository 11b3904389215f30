import type { EntityManager } from '@mikro-orm/postgresql';
import Stripe from 'stripe';
import { AppError } from '../../../core/app-error.ts';
import { JOB_ENDED } from '../../../core/states.ts';
import { Invoice, type Job, Payment } from '../../../db/entities/index.ts';
import { orderJob } from '../../../db/queries/job-views.ts';
import { startJob } from '../../../db/queries/jobs.ts';
import { enqueueSignal } from '../../../db/queries/outbox.ts';
import { keepStripeEvent } from '../../../db/queries/payments.ts';
import { findRow } from '../../../db/queries/rows.ts';
import { SIGNALS } from '../../../workflows/catalog.ts';
import type { Anonymous } from '../../context.ts';
import { isUuid } from '../../http/parse.ts';

// Of the half-dozen events that one payment makes, these say that a session may have been paid, or that money has not
// gone back. Should one be lost, the order asks Stripe itself before it gives up.
const TELLING = /^(checkout\.session\.(completed|async_payment_succeeded|async_payment_failed)|refund\.failed)$/;

/**
 * Keeps a signed event once and tells the order's workflow to look. Nothing is decided here: what was paid is read from
 * Stripe by the one who owns the order. An event about nothing of ours is kept too, and thanked for.
 */
export async function receiveStripeEvent(ctx: Anonymous, body: unknown, signature: string | undefined): Promise<void> {
  const event = verify(ctx, body, signature);
  await ctx.em.transactional(async (em) => {
    const invoiceId = await invoiceIdOf(em, event.data.object as Subject);
    const invoice = invoiceId ? await findRow(em, Invoice, { id: invoiceId }) : null;
    const fresh = await keepStripeEvent(em, {
      id: event.id,
      type: event.type,
      invoiceId: invoice?.id ?? null,
      payload: event,
    });
    const job = fresh && invoice?.orderId && TELLING.test(event.type) ? await orderJob(em, invoice.orderId) : null;
    if (invoice && job) ctx.parcels.push(tell(em, invoice, job, event.id));
  });
}

/** A closed order listens no more: what comes in for it is settled by a job of its own. */
function tell(em: EntityManager, invoice: Invoice, job: Job, eventId: string): string {
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

/** What of an event's object leads to an invoice: a session, an intent, a charge or a refund. */
interface Subject {
  metadata?: Record<string, string> | null;
  client_reference_id?: string | null;
  payment_intent?: string | { id: string } | null;
}

/** Our sessions and intents name the invoice; what Stripe makes of them later names at least the intent. */
async function invoiceIdOf(em: EntityManager, subject: Subject): Promise<string | undefined> {
  const named = [subject.metadata?.invoiceId, subject.client_reference_id].find(isUuid);
  const { payment_intent: intent } = subject;
  if (named || !intent) return named;
  const payment = await findRow(em, Payment, { reference: typeof intent === 'string' ? intent : intent.id });
  return payment?.invoiceId;
}
