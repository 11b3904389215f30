import type { EntityManager } from '@mikro-orm/postgresql';
import { ProviderError, Refused } from '../core/errors.ts';
import { sum } from '../core/money.ts';
import { shareOf } from '../core/pricing/share.ts';
import {
  CheckoutSession,
  Customer,
  Domain,
  Invoice,
  type InvoiceLine,
  Job,
  OrderItem,
  Subscription,
} from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { releaseCapacity } from '../db/queries/capacity.ts';
import { first, get, set } from '../db/queries/entity.ts';
import {
  cancelOrder,
  intendRefund,
  linesOf,
  lockInvoice,
  lockInvoiceOf,
  paymentsOf,
  refundsOf,
} from '../db/queries/ledger.ts';
import { wakeWaiting } from '../db/queries/waiting.ts';
import type { AskActivities, StepActivities } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';
import { sendNotices } from './notices.ts';
import { failRows } from './orders.ts';
import { refundNoticesOf, refunds } from './refunds.ts';
import { settlement } from './settlement.ts';

/** Stripe's own codes (docs.stripe.com/error-codes), by what they say of an amount. */
const UNPAYABLE: Record<string, 'too_small' | 'too_large'> = {
  amount_too_small: 'too_small',
  amount_too_large: 'too_large',
};

function unpayable(error: unknown): { unpayable: 'too_small' | 'too_large' } {
  const reason = error instanceof ProviderError ? UNPAYABLE[error.code ?? ''] : undefined;
  if (!reason) throw error;
  return { unpayable: reason };
}

export function paymentActivities(deps: Deps) {
  const { sendRefunds } = refunds(deps);
  const { settle, decide, readPages, closePages } = settlement(deps);

  /** targetId is the order, or an invoice that belongs to none. */
  const invoiceOf = (targetId: string) =>
    deps.em().findOneOrFail(Invoice, { $or: [{ orderId: targetId }, { id: targetId }] });

  return {
    /** Once the invoice is paid its other pages are closed, so that nobody pays again by one left open in a browser. */
    async settlePayments(ref) {
      return settle(await invoiceOf(ref.targetId));
    },

    /** Pages are closed first: what was paid in the meantime is seen, what is not can never be paid any more. */
    async closeUnpaidOrder(ref) {
      const invoice = await invoiceOf(ref.targetId);
      await readPages(invoice);
      await closePages(invoice);
      if (await decide(invoice.id)) return 'paid';
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
          action: 'order.cancelled',
          resourceType: 'order',
          resourceId: ref.targetId,
        });
      });
      await decide(invoice.id);
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
      const request = {
        key: `checkout/${session.id}`,
        invoiceId: invoice.id,
        orderId: invoice.orderId ?? '',
        tenantId: invoice.tenantId,
        currency: invoice.currency.toLowerCase(),
        lines: lines.map((line) => payable(line, invoice.pricesIncludeTax)),
        customerEmail: customer.email,
        successUrl: session.successUrl,
        cancelUrl: session.cancelUrl,
        expiresAt: session.expiresAt,
      };
      const view = await deps.payments.createCheckout(request).catch(unpayable);
      if ('unpayable' in view) return view;
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
        if (item.status === 'delivered' && (await isRenewal(tx, item))) return invoice.id;
        const reason = ref.note ?? 'could not be delivered';
        await set(tx, OrderItem, { id: item.id }, { status: 'undone', reason });
        // An item that was never begun, as what it depends on could not be delivered, has a job that nobody runs.
        const unbegun = { orderId: item.orderId, targetId: item.resourceId, status: 'pending' as const };
        await set(tx, Job, unbegun, { status: 'cancelled', reason, endedAt: new Date() });
        await set(tx, Subscription, { orderItemId: item.id }, { status: 'cancelled', cancelledAt: new Date() });
        const paid = (await paymentsOf(tx, invoice.id)).find((payment) => !payment.surplus);
        const tax = invoice.taxCredited > 0 ? 0 : item.tax;
        const amount = shareOf(item, invoice.pricesIncludeTax).net + tax;
        if (paid && amount > 0) await intendRefund(tx, paid, { key: `item/${item.id}`, amount, tax, reason });
        await failRows(tx, [item.resourceId]);
        await releaseCapacity(tx, item.resourceId, deps.config.QUARANTINE_SECONDS);
        return invoice.id;
      });
      await sendRefunds(invoiceId);
    },

    async refundInvoice(ref) {
      await deps.em().transactional(async (tx) => {
        const invoice = await lockInvoice(tx, ref.targetId);
        const paid = (await paymentsOf(tx, invoice.id)).find((payment) => !payment.surplus);
        if (!paid && invoice.total === 0) return;
        if (!paid) throw new Refused('the invoice was never paid');
        const back = await refundsOf(tx, [paid.id]);
        const amount = paid.amount - sum(back.map((refund) => refund.amount));
        const tax = invoice.tax - sum(back.map((refund) => refund.tax));
        const reason = 'refunded by an operator';
        if (amount > 0) await intendRefund(tx, paid, { key: `invoice/${invoice.id}`, amount, tax, reason });
      });
      await sendRefunds(ref.targetId);
      await set(deps.em(), Invoice, { id: ref.targetId }, { status: 'refunded' });
    },

    async sendRefundMails(ref) {
      await sendNotices(deps, await refundNoticesOf(deps.em(), ref.targetId));
    },
  } satisfies Partial<StepActivities & AskActivities>;
}

/** A line as Stripe shows it. Its units may share discount and tax unequally, so then they are charged as one. */
function payable({ description, quantity, unitPrice, total, discount, tax }: InvoiceLine, included: boolean) {
  const { charged } = shareOf({ price: total, discount, tax }, included);
  if (charged === total) return { description, unitAmount: unitPrice, quantity };
  return { description: quantity > 1 ? `${quantity} × ${description}` : description, unitAmount: charged, quantity: 1 };
}

/** A name that was there before: what the registry has added to it cannot be given back, so it is kept and paid. */
async function isRenewal(tx: EntityManager, { id, resourceId }: OrderItem): Promise<boolean> {
  const domain = await first(tx, Domain, { id: resourceId });
  return domain !== null && domain.orderItemId !== id;
}
