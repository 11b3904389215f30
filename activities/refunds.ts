import type { EntityManager } from '@mikro-orm/postgresql';
import { NotNow } from '../core/errors.ts';
import { formatMoney } from '../core/money.ts';
import { Customer, Invoice, type Payment, Refund } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { all, get, set } from '../db/queries/entity.ts';
import { paymentsOf, refundsOf } from '../db/queries/ledger.ts';
import type { RefundView } from '../providers/stripe/port.ts';
import type { Deps } from './deps.ts';
import { writeNotice } from './notices.ts';

const FAILED_WAIT_MS = 15 * 60_000;

/** Money that goes back: first written down, then sent, then counted, and looked at again. */
export function refunds(deps: Deps) {
  /** Sends every refund of an invoice that is written down but not through. A failed one is shown, and tried again later. */
  async function sendRefunds(invoiceId: string): Promise<void> {
    const payments = new Map((await paymentsOf(deps.em(), invoiceId)).map((payment) => [payment.id, payment]));
    const open = await all(deps.em(), Refund, {
      paymentId: { $in: [...payments.keys()] },
      status: { $ne: 'succeeded' },
    });
    for (const refund of open) await send(payments.get(refund.paymentId)!, refund);
  }

  /** A refund may fail days after it was sent (closed account): then it is not back, and has to go out again. */
  async function recheckRefunds(invoiceId: string): Promise<void> {
    for (const payment of await paymentsOf(deps.em(), invoiceId)) {
      const rows = await refundsOf(deps.em(), [payment.id]);
      const sent = rows.filter(({ status, stripeId }) => status === 'succeeded' && stripeId);
      if (sent.length === 0) continue;
      const views = new Map((await deps.payments.refunds(payment.reference)).map((view) => [view.id, view]));
      for (const refund of sent) if (hasFailed(views.get(refund.stripeId ?? ''))) await uncount(payment, refund);
    }
  }

  async function send(payment: Payment, refund: Refund): Promise<void> {
    if (payment.provider === 'offline') return count(payment, refund, null);
    const { amount, reason } = refund;
    const key = attemptKey(refund);
    const currency = payment.currency.toLowerCase();
    const view = await deps.payments.refund({ key, paymentIntent: payment.reference, amount, currency, reason });
    if (hasFailed(view)) {
      await set(deps.em(), Refund, { id: refund.id }, { status: 'failed', stripeId: view.id });
      throw new NotNow(`refund ${view.id} of ${payment.reference} failed`, FAILED_WAIT_MS * deps.config.RETRY_SCALE);
    }
    await count(payment, refund, view.id);
  }

  /** Pending at Stripe counts as sent: the money has left our balance. */
  async function count(payment: Payment, refund: Refund, stripeId: string | null): Promise<void> {
    await deps.em().transactional(async (tx) => {
      const moved = await set(
        tx,
        Refund,
        { id: refund.id, status: { $ne: 'succeeded' } },
        { status: 'succeeded', stripeId },
      );
      if (moved && !payment.surplus) await addRefunded(tx, payment.invoiceId, refund.amount);
      if (moved)
        audit(tx, {
          tenantId: payment.tenantId,
          action: 'payment.refunded',
          resourceType: 'invoice',
          resourceId: payment.invoiceId,
          metadata: { amount: refund.amount, key: refund.key },
        });
      if (moved && !refund.key.startsWith('item/')) await tell(tx, payment, refund);
    });
  }

  async function uncount(payment: Payment, refund: Refund): Promise<void> {
    await deps.em().transactional(async (tx) => {
      if (!(await set(tx, Refund, { id: refund.id, status: 'succeeded' }, { status: 'failed' }))) return;
      if (!payment.surplus) await addRefunded(tx, payment.invoiceId, -refund.amount);
      const { tenantId, invoiceId: resourceId } = payment;
      const metadata = { amount: refund.amount, key: refund.key };
      audit(tx, {
        tenantId,
        action: 'payment.refund_failed',
        resourceType: 'invoice',
        resourceId,
        metadata,
      });
    });
  }

  return { sendRefunds, recheckRefunds };
}

/** Another try after a failed refund is another refund: its key says which one it follows. */
function attemptKey({ key, stripeId }: Refund): string {
  return stripeId ? `${key}/after/${stripeId}` : key;
}

/** The key of the row behind any of its attempts. */
export const firstKey = (key: string): string => key.replace(/\/after\/.*$/, '');

function hasFailed(view: RefundView | undefined): boolean {
  return view?.status === 'failed' || view?.status === 'canceled';
}

/** An item that could not be delivered is told of with its order. */
async function tell(tx: EntityManager, payment: Payment, refund: Refund): Promise<void> {
  const { customerId } = await get(tx, Invoice, payment.invoiceId);
  const { name, email: recipient } = await get(tx, Customer, customerId);
  const money = formatMoney(refund.amount, payment.currency);
  const text = `Hello ${name},\n\n${money} of your payment ${payment.reference} is on its way back: ${refund.reason}.\n`;
  const notice = { tenantId: payment.tenantId, key: noticeKey(refund), recipient, text };
  await writeNotice(tx, { ...notice, subject: 'Your money is on its way back' });
}

const noticeKey = ({ id }: Refund): string => `refund/${id}`;

/** Keys of what the customer is told about money that went back. */
export async function refundNoticesOf(em: EntityManager, invoiceId: string): Promise<string[]> {
  const payments = await paymentsOf(em, invoiceId);
  const refunds = await refundsOf(
    em,
    payments.map(({ id }) => id),
  );
  return refunds.map(noticeKey);
}

async function addRefunded(tx: EntityManager, invoiceId: string, amount: number): Promise<void> {
  const invoice = await get(tx, Invoice, invoiceId);
  const amountRefunded = invoice.amountRefunded + amount;
  const whole = invoice.status === 'refunded' ? 'paid' : invoice.status;
  await set(
    tx,
    Invoice,
    { id: invoiceId },
    { amountRefunded, status: amountRefunded >= invoice.total ? 'refunded' : whole },
  );
}
