import type { EntityManager } from '@mikro-orm/postgresql';
import { sum } from '../../core/money.ts';
import { Invoice, OrderItem } from '../entities/index.ts';
import { intendRefund, lockInvoice, paymentsOf, refundsOf } from './ledger.ts';

/** Ids of paid invoices of a customer since then that bear tax; one whose tax is on its way back is still among them, to be sent. */
export async function taxedInvoices(em: EntityManager, customerId: string, since: Date): Promise<string[]> {
  const paid = { customerId, status: 'paid' as const, tax: { $gt: 0 }, createdAt: { $gte: since } };
  return (await em.find(Invoice, paid, { orderBy: { id: 'asc' } })).map(({ id }) => id);
}

/** Writes down that the tax of what was kept goes back, once: from then on an item's refund is without it. */
export async function creditTaxOf(em: EntityManager, invoiceId: string): Promise<void> {
  const invoice = await lockInvoice(em, invoiceId);
  const payment = (await paymentsOf(em, invoiceId)).find(({ surplus }) => !surplus);
  if (!payment || invoice.status !== 'paid' || invoice.taxCredited > 0) return;
  const undone = invoice.orderId ? await em.find(OrderItem, { orderId: invoice.orderId, status: 'undone' }) : [];
  const back = sum((await refundsOf(em, [payment.id])).map(({ amount }) => amount));
  const amount = Math.min(invoice.tax - sum(undone.map(({ tax }) => tax)), payment.amount - back);
  if (amount <= 0) return;
  await em.nativeUpdate(Invoice, { id: invoiceId }, { taxCredited: amount, reverseCharge: true });
  const reason = 'your VAT number was found valid, so that you owe the tax yourself';
  await intendRefund(em, payment, { key: `vat/${invoiceId}`, amount, reason });
}
