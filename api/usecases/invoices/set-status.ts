import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../../core/app-error.ts';
import type { InvoiceStatus } from '../../../core/states.ts';
import { type Invoice, Payment } from '../../../db/entities/index.ts';
import { findInvoice, type InvoiceView, lockInvoice } from '../../../db/queries/invoices.ts';
import { orderJob } from '../../../db/queries/job-views.ts';
import { enqueueSignal } from '../../../db/queries/outbox.ts';
import { newId } from '../../../runtime/ids.ts';
import { SIGNALS } from '../../../workflows/catalog.ts';
import type { Context } from '../../context.ts';
import { dispatch } from '../../dispatch.ts';
import { seen } from '../access.ts';
import { type Change, change } from '../change.ts';
import { requireIdle } from '../idle.ts';

const SEND_MS = 1_500;
const PATIENCE_MS = 2_000;
/** The first time; then twice as long each time, since what takes long has much to do already. */
const LOOK_MS = 50;

/**
 * An operator's word about an invoice. The order's workflow alone decides what becomes of its money, so this tells it, and
 * answers what it made of that within two seconds; after that, the invoice as it still is.
 */
export async function setInvoiceStatus(ctx: Context, id: string, status: InvoiceStatus): Promise<InvoiceView> {
  await change(ctx, async (tx) => {
    const invoice = seen(ctx, await lockInvoice(tx.em, ctx.scope, id));
    await tell(tx, invoice, status);
  });
  await dispatch(ctx, SEND_MS);
  return settled(ctx, id, status);
}

async function tell(tx: Change, invoice: Invoice, status: InvoiceStatus): Promise<void> {
  switch (`${invoice.status} → ${status}`) {
    case 'unpaid → paid':
      return recordPayment(tx, invoice);
    case 'unpaid → cancelled':
      return signal(tx, invoice, SIGNALS.cancel, tx.audit('invoice.cancelled', invoice.id));
    case 'paid → refunded':
      await requireIdle(tx, invoice.id);
      tx.audit('invoice.refund_requested', invoice.id);
      tx.start({ type: 'invoice_refund', targetId: invoice.id, customerId: invoice.customerId });
      return;
    default:
      throw new AppError('WRONG_STATE', `An invoice that is ${invoice.status} does not become ${status}.`);
  }
}

/** Paid outside Stripe, once an invoice: its id is the reference. */
async function recordPayment(tx: Change, invoice: Invoice): Promise<void> {
  const reference = `offline/${invoice.id}`;
  if (await tx.em.count(Payment, { reference })) throw new AppError('WRONG_STATE', 'Its payment is recorded already.');
  const { tenantId, total: amount, currency } = invoice;
  const id = newId();
  tx.em.create(Payment, { id, tenantId, invoiceId: invoice.id, provider: 'offline', reference, amount, currency });
  tx.audit('invoice.payment_recorded', invoice.id, { amount, currency });
  await signal(tx, invoice, SIGNALS.payment, id);
}

async function signal(
  { em, send, start }: Change,
  invoice: Invoice,
  name: typeof SIGNALS.payment | typeof SIGNALS.cancel,
  eventId: string,
): Promise<void> {
  const { id: targetId, customerId } = invoice;
  if (!invoice.orderId && name === SIGNALS.cancel)
    throw new AppError('WRONG_STATE', 'It renews a subscription: cancel that, or record its payment.');
  if (!invoice.orderId) return void start({ type: 'payment_settle', targetId, customerId });
  const job = await orderJob(em, invoice.orderId);
  if (!job) throw new AppError('WRONG_STATE', 'This invoice belongs to no order.');
  send(enqueueSignal(em, job.workflowId, name, eventId, [eventId]));
}

async function settled(ctx: Context, id: string, status: InvoiceStatus): Promise<InvoiceView> {
  const end = Date.now() + PATIENCE_MS;
  for (let ms = LOOK_MS; ; ms *= 2) {
    const view = seen(ctx, await findInvoice(ctx.em.fork(), ctx.scope, id));
    const left = end - Date.now();
    if (view.invoice.status === status || left <= 0) return view;
    await wait(Math.min(ms, left));
  }
}
