import type { EntityManager } from '@mikro-orm/postgresql';
import Stripe from 'stripe';
import { z } from 'zod';
import { AppError } from '../../../core/app-error.ts';
import { formatMoney } from '../../../core/money.ts';
import { JOB_ENDED } from '../../../core/states.ts';
import { Invoice, Payment } from '../../../db/entities/index.ts';
import { orderJob } from '../../../db/queries/job-views.ts';
import { startJob } from '../../../db/queries/jobs.ts';
import { enqueueSignal } from '../../../db/queries/outbox.ts';
import { keepStripeEvent } from '../../../db/queries/payments.ts';
import { findRow } from '../../../db/queries/rows.ts';
import { recordSystemEvent } from '../../../db/queries/system-events.ts';
import { asPlatform } from '../../../db/tenant-scope.ts';
import { SIGNALS } from '../../../workflows/catalog.ts';
import type { Anonymous } from '../../context.ts';
import { isUuid } from '../../http/parse.ts';

// Of the half-dozen events that one payment makes, these say that a session may have been paid, or that money has not
// gone back. Should one be lost, the order asks Stripe itself before it gives up.
const TELLING = /^(checkout\.session\.(completed|async_payment_succeeded|async_payment_failed)|refund\.failed)$/;
const DISPUTED = 'charge.dispute.created';

/**
 * Keeps a signed event once and tells the order's workflow to look. Nothing is decided here: what was paid is read from
 * Stripe by the one who owns the order. An event about nothing of ours is kept too, and thanked for; where it is about
 * money, operators are shown it.
 */
export async function receiveStripeEvent(ctx: Anonymous, body: unknown, signature: string | undefined): Promise<void> {
  const event = verify(ctx, body, signature);
  await asPlatform('Stripe names an invoice, not a tenant', () => keep(ctx, event));
}

async function keep(ctx: Anonymous, event: Event): Promise<void> {
  const foreign = foreignTo(ctx, event);
  await ctx.em.transactional(async (em) => {
    const subject = event.data.object;
    const invoiceId = foreign ? undefined : await invoiceIdOf(em, subject);
    const invoice = invoiceId ? await findRow(em, Invoice, { id: invoiceId }) : null;
    const { id, type } = event;
    if (!(await keepStripeEvent(em, { id, type, invoiceId: invoice?.id ?? null, payload: event }))) return;
    if (foreign) await show(em, event, 'payment.foreign_event', `Stripe sent ${type} ${foreign}`);
    else if (!invoice && (TELLING.test(type) || namesInvoice(subject)))
      await show(em, event, 'payment.unknown_invoice', `Stripe sent ${type} about an invoice that is not here`);
    else if (type === DISPUTED) await show(em, event, 'payment.disputed', disputed(invoice), invoice);
    if (invoice && TELLING.test(type)) ctx.parcels.push(await tell(em, invoice, id));
  });
}

/** Why an event of another account of Stripe, or of the other of its two modes, is none of ours. */
function foreignTo({ config }: Anonymous, { livemode, account }: Event): string | undefined {
  if (account) return `of the connected account ${account}`;
  const live = config.STRIPE_SECRET_KEY && /^[rs]k_live_/.test(config.STRIPE_SECRET_KEY);
  if (live === undefined || livemode === undefined || livemode === Boolean(live)) return undefined;
  return `in ${livemode ? 'live' : 'test'} mode, and the key in use is of the other`;
}

async function show(
  em: EntityManager,
  { id, data: { object } }: Event,
  type: string,
  message: string,
  invoice?: Invoice | null,
): Promise<void> {
  const { metadata, client_reference_id: reference, payment_intent: intent } = object;
  const data = {
    eventId: id,
    objectId: object.id ?? null,
    invoice: invoice?.id ?? metadata?.invoiceId ?? reference ?? null,
    paymentIntent: (typeof intent === 'string' ? intent : intent?.id) ?? null,
  };
  await recordSystemEvent(em, { type, level: 'warning', key: id, message, tenantId: invoice?.tenantId ?? null, data });
}

/** A payer may dispute what has gone back to them already: unanswered, it goes back twice. */
function disputed(invoice: Invoice | null): string {
  const back = invoice?.amountRefunded && formatMoney(invoice.amountRefunded, invoice.currency);
  const told = 'A payment is disputed: answer it at Stripe in time';
  return back ? `${told}, with the refund as evidence: ${back} of its invoice went back already` : told;
}

/** A closed order listens no more, and a renewal has none: what comes in for them is settled by a job of its own. */
async function tell(em: EntityManager, invoice: Invoice, eventId: string): Promise<string> {
  const job = invoice.orderId ? await orderJob(em, invoice.orderId) : null;
  if (job && !JOB_ENDED.includes(job.status))
    return enqueueSignal(em, job.workflowId, SIGNALS.payment, eventId, [eventId]);
  const { tenantId, customerId, orderId } = invoice;
  return startJob(em, {
    type: 'payment_settle',
    tenantId,
    targetId: orderId ?? invoice.id,
    customerId,
    orderId: orderId ?? null,
  }).outboxId;
}

function verify({ config }: Anonymous, body: unknown, signature: string | undefined): Event {
  const secret = config.STRIPE_WEBHOOK_SECRET;
  if (!secret) throw new AppError('UNAVAILABLE', 'Payments by Stripe are switched off.');
  if (!Buffer.isBuffer(body) || !signature) throw new AppError('INVALID_SIGNATURE', 'The event is not signed.');
  const event = Event.safeParse(opened(body, signature, secret));
  if (!event.success) throw new AppError('MALFORMED_REQUEST', 'The body is signed, but it is no event.');
  return event.data;
}

function opened(body: Buffer, signature: string, secret: string): unknown {
  try {
    return Stripe.webhooks.constructEvent(body, signature, secret);
  } catch {
    // Forged, stale or not JSON: the sender learns no more than that.
    throw new AppError('INVALID_SIGNATURE', 'The event is not signed by Stripe.');
  }
}

/** What of an event's object leads to an invoice: a session, an intent, a charge, a refund or a dispute. */
const Subject = z.looseObject({
  id: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  client_reference_id: z.string().nullish(),
  payment_intent: z.union([z.string(), z.looseObject({ id: z.string() })]).nullish(),
});
type Subject = z.infer<typeof Subject>;

/** An event of any type and API version, as far as it is looked at. */
const Event = z.looseObject({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  livemode: z.boolean().optional(),
  account: z.string().nullish(),
  data: z.looseObject({ object: Subject }),
});
type Event = z.infer<typeof Event>;

const namesInvoice = ({ metadata, client_reference_id: reference }: Subject) =>
  Boolean(metadata?.invoiceId || reference);

/** Our sessions and intents name the invoice; what Stripe makes of them later names at least the intent. */
async function invoiceIdOf(em: EntityManager, subject: Subject): Promise<string | undefined> {
  const named = [subject.metadata?.invoiceId, subject.client_reference_id].find(isUuid);
  const { payment_intent: intent } = subject;
  if (named || !intent) return named;
  const payment = await findRow(em, Payment, { reference: typeof intent === 'string' ? intent : intent.id });
  return payment?.invoiceId;
}
