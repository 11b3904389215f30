import type { EntityManager } from '@mikro-orm/postgresql';
import type { InvoiceStatus } from '../../core/states.ts';
import { Invoice, InvoiceLine } from '../entities/index.ts';
import { findRow, listRows, lockRow, ownedBy, type Page, type PageQuery, type Scope } from './rows.ts';

export interface InvoiceView {
  invoice: Invoice;
  lines: InvoiceLine[];
}

export async function findInvoice(em: EntityManager, scope: Scope, id: string): Promise<InvoiceView | null> {
  const invoice = await findRow(em, Invoice, ownedBy(scope, { id }));
  return invoice && withLines(em, invoice);
}

export const lockInvoice = (em: EntityManager, scope: Scope, id: string) =>
  lockRow(em, Invoice, ownedBy(scope, { id }));

export async function withLines(em: EntityManager, invoice: Invoice): Promise<InvoiceView> {
  return { invoice, lines: (await linesOf(em, [invoice.id])).get(invoice.id) ?? [] };
}

export async function listInvoices(
  em: EntityManager,
  scope: Scope,
  filter: { customerId?: string | undefined; status?: InvoiceStatus | undefined },
  page: PageQuery,
): Promise<Page<InvoiceView & { id: string }>> {
  const { items, ...totals } = await listRows(em, Invoice, ownedBy(scope, { ...filter }), page);
  const ids = items.map((invoice) => invoice.id);
  const lines = await linesOf(em, ids);
  return {
    items: items.map((invoice) => ({ id: invoice.id, invoice, lines: lines.get(invoice.id) ?? [] })),
    ...totals,
  };
}

async function linesOf(em: EntityManager, ids: string[]): Promise<Map<string, InvoiceLine[]>> {
  const lines = await em.find(InvoiceLine, { invoiceId: { $in: ids } }, { orderBy: { position: 'asc' } });
  return Map.groupBy(lines, (line) => line.invoiceId) as Map<string, InvoiceLine[]>;
}
