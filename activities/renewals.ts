import type { EntityManager } from '@mikro-orm/postgresql';
import { coinOf } from '../core/money.ts';
import { addMonths, nextPeriodEnd } from '../core/period.ts';
import { quote } from '../core/pricing/quote.ts';
import { Customer, Domain, Invoice, InvoiceLine, Product, Subscription } from '../db/entities/index.ts';
import { all, first, get, set } from '../db/queries/entity.ts';
import { hasLiveJob } from '../db/queries/job-views.ts';
import { startJob } from '../db/queries/jobs.ts';
import { openRenewal } from '../db/queries/renewals.ts';
import { lockRow } from '../db/queries/rows.ts';
import { suspendService } from '../db/queries/services.ts';
import { cancellation } from '../db/queries/subscriptions.ts';
import { taxationOf } from '../db/queries/taxes.ts';
import { newId } from '../runtime/ids.ts';
import type { StepActivities } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';
import { day, tellDue, tellLapsed, tellOverdue } from './dunning-mails.ts';
import { sendNotices } from './notices.ts';
import { noted, renewed } from './renewed.ts';
import { settlement } from './settlement.ts';

/** What becomes of a subscription when its period ends. Its row is always locked before its invoice. */
export function renewalActivities(deps: Deps) {
  const { settle, close } = settlement(deps);

  const ask = (subscriptionId: string) => first(deps.em(), Invoice, { subscriptionId, status: 'unpaid' });

  return {
    /** One invoice for each subscription and period: the database knows no second one that is not cancelled. */
    async makeRenewalInvoice(ref) {
      return deps.em().transactional(async (tx) => {
        const row = await lockRow(tx, Subscription, { id: ref.targetId });
        const start = row?.renewsAt;
        if (!row || !start || !['active', 'suspended'].includes(row.status) || row.cancelAtPeriodEnd) return 'skipped';
        const made = { subscriptionId: row.id, periodStart: start, status: { $ne: 'cancelled' as const } };
        if (await first(tx, Invoice, made)) return;
        const domain = await lockRow(tx, Domain, { id: row.resourceId });
        if (domain && (await hasLiveJob(tx, domain.id))) return 'skipped';
        const end = domain ? addMonths(start, 12) : nextPeriodEnd(row.startsAt ?? start, row.billingCycle, start);
        const invoice = await writeInvoice(tx, row, start, end);
        if (invoice.total === 0) await renewed(tx, invoice);
        else await tellDue(tx, invoice, await titleOf(tx, row));
      });
    },

    /** Everything its customer is still to be told about its renewals. */
    async sendRenewalMail(ref) {
      const invoices = await all(
        deps.em(),
        Invoice,
        { subscriptionId: ref.targetId },
        { orderBy: { id: 'desc' }, limit: 12 },
      );
      await sendNotices(
        deps,
        invoices.flatMap(({ id }) => ['due', 'overdue', 'lapsed'].map((word) => `${word}/${id}`)),
      );
    },

    async lookForRenewalPayment(ref) {
      const invoice = await ask(ref.targetId);
      if (!invoice) return 'skipped';
      await settle(invoice);
    },

    /** A guest or e-mail stands still from now on; an add-on or a name is only marked: it has no off switch. */
    async suspendUnpaid(ref) {
      return deps.em().transactional(async (tx) => {
        const row = await lockRow(tx, Subscription, { id: ref.targetId, status: 'active' });
        const invoice = row && (await openRenewal(tx, row.id));
        if (!row || !invoice) return 'skipped';
        await set(tx, Subscription, { id: row.id }, { status: 'suspended', unpaidSince: new Date() });
        noted(tx, row, 'subscription.suspended', { invoiceId: invoice.id });
        await suspendService(tx, row, 'unpaid', ref.jobId);
        await tellOverdue(tx, invoice, await titleOf(tx, row), deps.config.DUNNING_CANCEL_SECONDS);
      });
    },

    async closeRenewal(ref) {
      const invoice = await ask(ref.targetId);
      if (!invoice) return 'skipped';
      await close(invoice);
    },

    /** Not when it was paid at the last moment: then it is active again. */
    async cancelUnpaid(ref) {
      return deps.em().transactional(async (tx) => {
        const row = await lockRow(tx, Subscription, { id: ref.targetId, status: 'suspended' });
        if (!row?.unpaidSince || (await cancellation(tx, row.id))) return 'skipped';
        const { tenantId, customerId, id: targetId } = row;
        await set(tx, Subscription, { id: targetId }, { cancelAtPeriodEnd: false });
        noted(tx, row, 'subscription.lapsed');
        startJob(tx, { type: 'subscription_cancel', tenantId, customerId, targetId, parentJobId: ref.jobId });
        const [invoice] = await all(tx, Invoice, { subscriptionId: targetId }, { orderBy: { id: 'desc' }, limit: 1 });
        if (invoice) await tellLapsed(tx, invoice, await titleOf(tx, row), deps.config.CANCEL_UNDO_SECONDS);
      });
    },
  } satisfies Partial<StepActivities>;
}

async function writeInvoice(tx: EntityManager, row: Subscription, start: Date, end: Date): Promise<Invoice> {
  const { tenantId, customerId, currency } = row;
  const now = new Date();
  const { taxCategory } = await get(tx, Product, row.productId);
  const taxation = await taxationOf(tx, await get(tx, Customer, customerId), start);
  const rate = taxation.rateOf(taxCategory);
  const listed = { category: taxCategory, listedWithTax: row.pricesIncludeTax, currency };
  const price = taxation.priceOf(row.price, listed);
  const pricesIncludeTax = row.pricesIncludeTax && !taxation.reverseCharge;
  const terms = { included: pricesIncludeTax, discount: row.discount ?? null, coin: coinOf(currency) };
  const { subtotal, tax, discount, total } = quote([{ price, rate, discounted: true }], terms);
  const free = total === 0;
  const invoice = tx.create(Invoice, {
    id: newId(),
    tenantId,
    customerId,
    subscriptionId: row.id,
    periodStart: start,
    periodEnd: end,
    dueAt: start > now ? start : now,
    status: free ? 'paid' : 'unpaid',
    paidAt: free ? now : null,
    currency,
    pricesIncludeTax,
    reverseCharge: taxation.reverseCharge,
    discount,
    subtotal,
    tax,
    total,
    createdAt: now,
  });
  const description = `${await titleOf(tx, row)}, ${day(start)} to ${day(end)}`;
  tx.create(InvoiceLine, {
    invoiceId: invoice.id,
    position: 0,
    description,
    quantity: 1,
    unitPrice: price,
    total: price,
    discount,
    tax,
    taxRate: rate,
  });
  await tx.flush();
  noted(tx, row, 'subscription.renewal_invoiced', { invoiceId: invoice.id, total, currency });
  return invoice;
}

async function titleOf(tx: EntityManager, { productId, resourceId, billingCycle }: Subscription): Promise<string> {
  const { name } = await get(tx, Product, productId);
  const domain = await first(tx, Domain, { id: resourceId });
  return `${name} - ${billingCycle}${domain ? `: ${domain.name}` : ''}`;
}
