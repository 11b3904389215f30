import { CheckoutSession, Customer, Invoice, Order, OrderItem, Payment } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { get, set } from '../db/queries/entity.ts';
import { startJob } from '../db/queries/jobs.ts';
import { bookPayment, intendRefund, lockInvoice, openSessions, paymentsOf } from '../db/queries/ledger.ts';
import type { CheckoutView } from '../providers/stripe/port.ts';
import type { Deps } from './deps.ts';
import { refunds } from './refunds.ts';
import { renewed } from './renewed.ts';

/** Whether an invoice is paid: what Stripe says is booked, what is booked is decided about, surplus goes back. */
export function settlement(deps: Deps) {
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
  async function decide(invoiceId: string): Promise<boolean> {
    return deps.em().transactional(async (tx) => {
      const invoice = await lockInvoice(tx, invoiceId);
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
      const paid = winner !== undefined || (invoice.total === 0 && invoice.status !== 'cancelled');
      if (paid && invoice.status === 'unpaid') await markPaid(tx, invoice);
      return paid;
    });
  }

  async function markPaid(tx: ReturnType<Deps['em']>, invoice: Invoice): Promise<void> {
    const paidAt = new Date();
    const { orderId } = invoice;
    await set(tx, Invoice, { id: invoice.id }, { status: 'paid', paidAt });
    if (orderId) {
      await set(tx, Order, { id: orderId }, { status: 'provisioning', paidAt });
      await set(tx, OrderItem, { orderId, status: 'pending' }, { status: 'provisioning' });
    }
    if (invoice.subscriptionId) await renewed(tx, invoice);
    await lookAtTax(tx, invoice);
    audit(tx, {
      tenantId: invoice.tenantId,
      action: 'invoice.paid',
      resourceType: 'invoice',
      resourceId: invoice.id,
    });
  }

  /** Written before VIES answered and paid after: the job that gives the tax back looks once more. */
  async function lookAtTax(tx: ReturnType<Deps['em']>, { tenantId, customerId, tax }: Invoice): Promise<void> {
    const { vatStatus } = await get(tx, Customer, customerId);
    if (tax > 0 && vatStatus === 'valid')
      startJob(tx, { type: 'vat_check', tenantId, customerId, targetId: customerId });
  }

  return {
    readPages,
    closePages,
    decide,

    /** Whether it is paid now; surplus money is on its way back. */
    async settle(invoice: Invoice): Promise<boolean> {
      await readPages(invoice);
      const paid = await decide(invoice.id);
      if (paid && (await closePages(invoice))) await decide(invoice.id);
      await recheckRefunds(invoice.id);
      await sendRefunds(invoice.id);
      return paid;
    },

    /** Calls a renewal's invoice off, unless it was paid after all. */
    async close(invoice: Invoice): Promise<void> {
      await readPages(invoice);
      await closePages(invoice);
      if (await decide(invoice.id)) return;
      await set(deps.em(), Invoice, { id: invoice.id, status: 'unpaid' }, { status: 'cancelled' });
      await decide(invoice.id);
      await sendRefunds(invoice.id);
    },
  };
}
