import { Refused } from '../core/errors.ts';
import {
  CheckoutSession,
  Customer,
  Invoice,
  Job,
  Order,
  OrderItem,
  Payment,
  Refund,
  Subscription,
} from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { releaseCapacity } from '../db/queries/capacity.ts';
import { all, get, set } from '../db/queries/entity.ts';
import {
  bookPayment,
  cancelOrder,
  intendRefund,
  linesOf,
  lockInvoiceOf,
  openSessions,
  paymentsOf,
} from '../db/queries/ledger.ts';
import { wakeWaiting } from '../db/queries/waiting.ts';
import type { CheckoutView } from '../providers/stripe/port.ts';
import type { AskActivities, StepActivities } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';
import { sendNotices } from './notices.ts';
import { failRows } from './orders.ts';
import { refundNoticesOf, refunds } from './refunds.ts';

export function paymentActivities(deps: Deps) {
  const { sendRefunds, recheckRefunds } = refunds(deps);

  /** Books what Stripe says about a session. */
  async function look(invoice: Invoice, session: CheckoutSession, view: CheckoutView | undefined): Promise<void> {
    if (!view) return;
    if (view.paid && view.paymentIntent) {
      const payment = {
        reference: view.paymentIntent,
        amount: view.amountTotal,
        currency: view.currency.toUpperCase(),
      };
      await bookPayment(deps.em(), invoice, payment);
    }
    // Complete but not paid yet is a debit under way: nobody can pay there any more, and it is looked at again.
    if (view.status === 'open') return;
    await set(deps.em(), CheckoutSession, { id: session.id }, { status: view.status });
  }

  async function readPages(invoice: Invoice): Promise<void> {
    for (const session of await openSessions(deps.em(), invoice.id))
      await look(invoice, session, await deps.payments.readCheckout(session.stripeId ?? ''));
  }

  /** Closes every page on which the invoice can still be paid; what was paid in the meantime is booked. */
  async function closePages(invoice: Invoice): Promise<boolean> {
    const sessions = (await openSessions(deps.em(), invoice.id)).filter(({ status }) => status !== 'complete');
    for (const session of sessions)
      await look(invoice, session, await deps.payments.expireCheckout(session.stripeId ?? ''));
    return sessions.length > 0;
  }

  /** Decides about the booked money: the first payment that covers the invoice pays it, every other one is surplus. */
  async function decide(orderId: string): Promise<boolean> {
    return deps.em().transactional(async (tx) => {
      const invoice = await lockInvoiceOf(tx, orderId);
      const payments = await paymentsOf(tx, invoice.id);
      const counted = payments.filter((payment) => !payment.surplus);
      const winner =
        invoice.status === 'cancelled' ? undefined : counted.find((payment) => payment.amount >= invoice.total);
      for (const payment of counted) {
        if (payment === winner) continue;
        await set(tx, Payment, { id: payment.id }, { surplus: true });
        await intendRefund(tx, payment, {
          key: `surplus/${payment.id}`,
          amount: payment.amount,
          reason: 'paid twice or too late',
        });
      }
      if (winner && invoice.status === 'unpaid') await markPaid(tx, invoice, orderId);
      return winner !== undefined;
    });
  }

  async function markPaid(tx: ReturnType<Deps['em']>, invoice: Invoice, orderId: string): Promise<void> {
    const paidAt = new Date();
    await set(tx, Invoice, { id: invoice.id }, { status: 'paid', paidAt });
    await set(tx, Order, { id: orderId }, { status: 'provisioning', paidAt });
    await set(tx, OrderItem, { orderId, status: 'pending' }, { status: 'provisioning' });
    audit(tx, {
      tenantId: invoice.tenantId,
      actorId: null,
      action: 'invoice.paid',
      resourceType: 'invoice',
      resourceId: invoice.id,
    });
  }

  return {
    /** Once the invoice is paid its other pages are closed, so that nobody pays again by one left open in a browser. */
    async settlePayments(ref) {
      const invoice = await deps.em().findOneOrFail(Invoice, { orderId: ref.targetId });
      await readPages(invoice);
      const paid = await decide(ref.targetId);
      if (paid && (await closePages(invoice))) await decide(ref.targetId);
      await recheckRefunds(invoice.id);
      await sendRefunds(invoice.id);
      return paid;
    },

    /** Pages are closed first: what was paid in the meantime is seen, what is not can never be paid any more. */
    async closeUnpaidOrder(ref) {
      const invoice = await deps.em().findOneOrFail(Invoice, { orderId: ref.targetId });
      await readPages(invoice);
      await closePages(invoice);
      if (await decide(ref.targetId)) return 'paid';
      await deps.em().transactional(async (tx) => {
        if ((await lockInvoiceOf(tx, ref.targetId)).status === 'cancelled') return;
        const items = await cancelOrder(tx, ref.targetId, invoice.id);
        await failRows(
          tx,
          items.map((item) => item.resourceId),
        );
        for (const item of items) await releaseCapacity(tx, item.resourceId, 0);
        await wakeWaiting(tx, ref.jobId);
        audit(tx, {
          tenantId: ref.tenantId,
          actorId: null,
          action: 'order.cancelled',
          resourceType: 'order',
          resourceId: ref.targetId,
        });
      });
      await decide(ref.targetId);
      await sendRefunds(invoice.id);
      return 'closed';
    },

    async askCheckout({ sessionId }) {
      const em = deps.em();
      const session = await get(em, CheckoutSession, sessionId);
      const invoice = await get(em, Invoice, session.invoiceId);
      if (invoice.status !== 'unpaid') throw new Refused(`the invoice is ${invoice.status}`);
      const customer = await get(em, Customer, invoice.customerId);
      const lines = await linesOf(em, invoice.id);
      const view = await deps.payments.createCheckout({
        key: `checkout/${session.id}`,
        invoiceId: invoice.id,
        orderId: invoice.orderId ?? '',
        tenantId: invoice.tenantId,
        currency: invoice.currency.toLowerCase(),
        lines: lines.map((line) => ({
          description: line.description,
          unitAmount: line.unitPrice,
          quantity: line.quantity,
        })),
        customerEmail: customer.email,
        successUrl: session.successUrl,
        cancelUrl: session.cancelUrl,
        expiresAt: session.expiresAt,
      });
      await set(
        deps.em(),
        CheckoutSession,
        { id: session.id },
        { stripeId: view.id, url: view.url ?? null, status: view.status },
      );
      // Whoever pays the invoice closes the pages that are written down by then; this one may have come just after.
      const { status } = await get(deps.em(), Invoice, invoice.id);
      if (status !== 'unpaid') {
        await closePages(invoice);
        throw new Refused(`the invoice is ${status}`);
      }
      return { stripeId: view.id, url: view.url ?? '' };
    },

    /** targetId is the item. Its price goes back, once, and its subscription never begins. */
    async refundItem(ref) {
      const invoiceId = await deps.em().transactional(async (tx) => {
        const item = await get(tx, OrderItem, ref.targetId);
        const invoice = await lockInvoiceOf(tx, item.orderId);
        const reason = ref.note ?? 'could not be delivered';
        await set(tx, OrderItem, { id: item.id }, { status: 'undone', reason });
        // An item that was never begun, as what it depends on could not be delivered, has a job that nobody runs.
        const unbegun = { orderId: item.orderId, targetId: item.resourceId, status: 'pending' as const };
        await set(tx, Job, unbegun, { status: 'cancelled', reason, endedAt: new Date() });
        await set(tx, Subscription, { orderItemId: item.id }, { status: 'cancelled', cancelledAt: new Date() });
        const paid = (await paymentsOf(tx, invoice.id)).find((payment) => !payment.surplus);
        if (paid && item.price > 0)
          await intendRefund(tx, paid, { key: `item/${item.id}`, amount: item.price, reason });
        await failRows(tx, [item.resourceId]);
        await releaseCapacity(tx, item.resourceId, deps.config.QUARANTINE_SECONDS);
        return invoice.id;
      });
      await sendRefunds(invoiceId);
    },

    async refundInvoice(ref) {
      await deps.em().transactional(async (tx) => {
        const invoice = await get(tx, Invoice, ref.targetId);
        const paid = (await paymentsOf(tx, invoice.id)).find((payment) => !payment.surplus);
        if (!paid) throw new Refused('the invoice was never paid');
        const back = await all(tx, Refund, { paymentId: paid.id });
        const left = paid.amount - back.reduce((total, refund) => total + refund.amount, 0);
        if (left > 0)
          await intendRefund(tx, paid, {
            key: `invoice/${invoice.id}`,
            amount: left,
            reason: 'refunded by an operator',
          });
      });
      await sendRefunds(ref.targetId);
      await set(deps.em(), Invoice, { id: ref.targetId }, { status: 'refunded' });
    },

    async sendRefundMails(ref) {
      await sendNotices(deps, await refundNoticesOf(deps.em(), ref.targetId));
    },
  } satisfies Partial<StepActivities & AskActivities>;
}
