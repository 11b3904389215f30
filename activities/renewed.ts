import type { EntityManager } from '@mikro-orm/postgresql';
import { Domain, type Invoice, Subscription } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { set } from '../db/queries/entity.ts';
import { startJob } from '../db/queries/jobs.ts';
import { lockRow } from '../db/queries/rows.ts';
import { wakeService } from '../db/queries/services.ts';

/**
 * What the money of a renewal does, in the transaction that counts it: the period is longer, what stood still for it
 * starts again. A name is renewed at the registry, whose date then says how long it is paid for.
 */
export async function renewed(tx: EntityManager, invoice: Invoice): Promise<void> {
  const { subscriptionId, periodEnd } = invoice;
  const row = await lockRow(tx, Subscription, { id: subscriptionId });
  if (!row || !periodEnd) return;
  const domain = await lockRow(tx, Domain, { id: row.resourceId });
  await set(
    tx,
    Subscription,
    { id: row.id },
    { status: 'active', unpaidSince: null, ...(domain ? {} : { renewsAt: periodEnd }) },
  );
  noted(tx, row, 'subscription.renewed', { invoiceId: invoice.id, until: periodEnd.toISOString() });
  await wakeService(tx, row, 'unpaid');
  if (domain) await renewName(tx, domain, invoice);
}

async function renewName(tx: EntityManager, domain: Domain, invoice: Invoice): Promise<void> {
  const { tenantId, customerId, id: targetId, expiresAt } = domain;
  const job = { tenantId, customerId };
  if (!['active', 'expired'].includes(domain.status) || !expiresAt) {
    startJob(tx, { type: 'invoice_refund', ...job, targetId: invoice.id });
    return;
  }
  const renewal = { from: expiresAt.toISOString(), years: 1, invoiceId: invoice.id };
  await set(tx, Domain, { id: targetId }, { renewal });
  startJob(tx, { type: 'domain_renew', ...job, targetId });
}

export function noted(tx: EntityManager, { tenantId, id }: Subscription, action: string, metadata = {}): void {
  audit(tx, { tenantId, action, resourceType: 'subscription', resourceId: id, metadata });
}
