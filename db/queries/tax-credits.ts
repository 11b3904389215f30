import type { EntityManager } from '@mikro-orm/postgresql';
import { sum } from '../../core/money.ts';
import { type Customer, Invoice, OrderItem, VatCheck } from '../entities/index.ts';
import { intendRefund, lockInvoice, paymentsOf, refundsOf } from './ledger.ts';

/**
 * Ids of paid invoices that bear tax and were written before VIES knew the customer's number; tax of later ones was owed.
 * One whose tax is on its way back is still among them, to be sent.
 */
export async function taxedInvoices(em: EntityManager, { id, vatId, vatSince }: Customer): Promise<string[]> {
  if (!vatId || !vatSince) return [];
  const found = { customerId: id, vatId, valid: true, createdAt: { $gte: vatSince } };
  const [known] = await em.find(VatCheck, found, { orderBy: { createdAt: 'asc' }, limit: 1 });
  if (!known) return [];
  const written = { $gte: vatSince, $lte: known.createdAt };
  const paid = { customerId: id, status: 'paid' as const, tax: { $gt: 0 }, createdAt: written };
  return (await em.find(Invoice, paid, { orderBy: { id: 'asc' } })).map((invoice) => invoice.id);
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
  await intendRefund(em, payment, { key: `vat/${invoiceId}`, amount, tax: amount, reason });
}
