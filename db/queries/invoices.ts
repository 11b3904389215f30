import type { EntityManager } from '@mikro-orm/postgresql';
import type { InvoiceStatus } from '../../core/states.ts';
import { Invoice, InvoiceLine, Payment, Refund } from '../entities/index.ts';
import { findRow, listRows, lockRow, ownedBy, type Page, type PageQuery, type Scope } from './rows.ts';

export interface InvoiceView {
  invoice: Invoice;
  lines: InvoiceLine[];
  /** What was taken back of it, the oldest first. */
  credits: Refund[];
}

export async function findInvoice(em: EntityManager, scope: Scope, id: string): Promise<InvoiceView | null> {
  const invoice = await findRow(em, Invoice, ownedBy(scope, { id }));
  return invoice && ((await withParts(em, [invoice]))[0] ?? null);
}

export const lockInvoice = (em: EntityManager, scope: Scope, id: string) =>
  lockRow(em, Invoice, ownedBy(scope, { id }));

export async function listInvoices(
  em: EntityManager,
  scope: Scope,
  filter: { customerId?: string | undefined; status?: InvoiceStatus | undefined },
  page: PageQuery,
): Promise<Page<InvoiceView & { id: string }>> {
  const { items, ...totals } = await listRows(em, Invoice, ownedBy(scope, { ...filter }), page);
  const views = await withParts(em, items);
  return { items: views.map((view) => ({ id: view.invoice.id, ...view })), ...totals };
}

async function withParts(em: EntityManager, invoices: Invoice[]): Promise<InvoiceView[]> {
  const invoiceId = { $in: invoices.map(({ id }) => id) };
  const lines = await em.find(InvoiceLine, { invoiceId }, { orderBy: { position: 'asc' } });
  const payments = await em.find(Payment, { invoiceId, surplus: false });
  const paymentId = { $in: payments.map(({ id }) => id) };
  const refunds = payments.length
    ? await em.find(Refund, { paymentId }, { orderBy: { createdAt: 'asc', id: 'asc' } })
    : [];
  return invoices.map((invoice) => {
    const paidBy = new Set(payments.filter((payment) => payment.invoiceId === invoice.id).map(({ id }) => id));
    return {
      invoice,
      lines: lines.filter((line) => line.invoiceId === invoice.id),
      credits: refunds.filter((refund) => paidBy.has(refund.paymentId)),
    };
  });
}
