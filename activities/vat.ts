import type { EntityManager } from '@mikro-orm/postgresql';
import { NotNow, ProviderError } from '../core/errors.ts';
import { vatNumber } from '../core/pricing/vat-number.ts';
import { Customer, Invoice, Tenant, VatCheck } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { first, get, set } from '../db/queries/entity.ts';
import { creditTaxOf, taxedInvoices } from '../db/queries/tax-credits.ts';
import { taxationOf } from '../db/queries/taxes.ts';
import type { VatAnswer } from '../providers/vies/port.ts';
import { newId } from '../runtime/ids.ts';
import type { StepActivities, StepRef } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';
import { sendNotices } from './notices.ts';
import { refundNoticesOf, refunds } from './refunds.ts';

/** Member states are down for hours, at night above all. */
const PATIENCE_MS = 15 * 60_000;

/** A customer's VAT number: targetId is the customer. */
export function vatActivities(deps: Deps) {
  const { sendRefunds } = refunds(deps);

  /** What VIES says; undefined of a number that cannot be one. */
  async function ask(customer: Customer, vatId: string): Promise<VatAnswer | undefined> {
    const { vatId: own } = await get(deps.em(), Tenant, customer.tenantId);
    const named = (id: string) => ({ country: vatNumber(id).prefix, number: vatNumber(id).number });
    try {
      return await deps.vies.check(named(vatId), own ? named(own) : null);
    } catch (error) {
      // Of a connection that broke nothing is known: that is tried again at once.
      if (!(error instanceof ProviderError) || ['denied', 'unknown'].includes(error.kind)) throw error;
      if (error.kind === 'refused') return undefined;
      throw new NotNow(
        `VIES does not answer (${error.detail}): tax is charged until it does`,
        PATIENCE_MS * deps.config.RETRY_SCALE,
      );
    }
  }

  return {
    /** The answer is kept with its proof. One about a number that was changed meanwhile is kept, and decides nothing. */
    async checkVatNumber(ref) {
      const customer = await get(deps.em(), Customer, ref.targetId);
      const { vatId, vatStatus } = customer;
      if (!vatId || vatStatus !== 'unchecked') return 'skipped';
      const answer = await ask(customer, vatId);
      await deps.em().transactional((tx) => keep(tx, ref, vatId, answer));
    },

    /** Of what was charged while VIES had not answered. */
    async creditTax(ref) {
      const customer = await get(deps.em(), Customer, ref.targetId);
      if (!(await taxationOf(deps.em(), customer, new Date())).reverseCharge || !customer.vatSince) return 'skipped';
      for (const id of await taxedInvoices(deps.em(), customer.id, customer.vatSince)) {
        await deps.em().transactional((tx) => creditTaxOf(tx, id));
        await sendRefunds(id);
      }
    },

    async sendCreditMails(ref) {
      const invoices = await deps.em().find(Invoice, { customerId: ref.targetId, taxCredited: { $gt: 0 } });
      for (const { id } of invoices) await sendNotices(deps, await refundNoticesOf(deps.em(), id));
    },
  } satisfies Partial<StepActivities>;
}

async function keep(tx: EntityManager, ref: StepRef, vatId: string, answer: VatAnswer | undefined): Promise<void> {
  const { tenantId, targetId: customerId } = ref;
  const valid = answer?.valid ?? false;
  const current = await first(tx, Customer, { id: customerId, vatId, vatStatus: 'unchecked' });
  if (!current) return;
  const { consultation = null, askedAt = new Date() } = answer ?? {};
  tx.create(VatCheck, { id: newId(), tenantId, customerId, vatId, valid, consultation, askedAt });
  await tx.flush();
  await set(tx, Customer, { id: customerId, vatId }, { vatStatus: valid ? 'valid' : 'invalid' });
  const metadata = { vatId, valid, consultation };
  audit(tx, { tenantId, action: 'customer.vat_checked', resourceType: 'customer', resourceId: customerId, metadata });
}
