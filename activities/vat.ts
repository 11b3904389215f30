import type { EntityManager } from '@mikro-orm/postgresql';
import { NotNow, ProviderError } from '../core/errors.ts';
import { vatNumber } from '../core/pricing/vat-number.ts';
import { Customer, Invoice, Tenant, VatCheck } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { get, set } from '../db/queries/entity.ts';
import { lockRow } from '../db/queries/rows.ts';
import { recordSystemEvent } from '../db/queries/system-events.ts';
import { creditTaxOf, taxedInvoices } from '../db/queries/tax-credits.ts';
import { taxationOf } from '../db/queries/taxes.ts';
import { isAged } from '../db/queries/vat-checks.ts';
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

  /** Whether VIES was never asked about a customer's number, or so long ago that it may have ended since. */
  const isDue = async (em: EntityManager, { id, vatStatus }: Customer): Promise<boolean> =>
    vatStatus === 'unchecked' || (await isAged(em, id, deps.config.VAT_CHECK_SECONDS));

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
      const meanwhile = customer.vatStatus === 'valid' ? 'what it said before holds' : 'tax is charged';
      const reason = `VIES does not answer (${error.detail}): ${meanwhile} until it does`;
      throw new NotNow(reason, PATIENCE_MS * deps.config.RETRY_SCALE);
    }
  }

  async function keep(tx: EntityManager, ref: StepRef, vatId: string, answer: VatAnswer | undefined): Promise<void> {
    const { tenantId, targetId: customerId } = ref;
    const customer = await lockRow(tx, Customer, { id: customerId, vatId });
    if (!customer || !(await isDue(tx, customer))) return;
    const [known, valid] = [customer.vatStatus === 'valid', answer?.valid ?? false];
    const { consultation = null, askedAt = new Date() } = answer ?? {};
    const id = newId();
    tx.create(VatCheck, { id, tenantId, customerId, vatId, valid, consultation, askedAt });
    await tx.flush();
    await set(tx, Customer, { id: customerId }, { vatStatus: valid ? 'valid' : 'invalid' });
    const metadata = { vatId, valid, consultation };
    audit(tx, { tenantId, action: 'customer.vat_checked', resourceType: 'customer', resourceId: customerId, metadata });
    if (known && !valid) await tellEnded(tx, { id, tenantId, customerId, vatId });
  }

  return {
    /** The answer is kept with its proof; one about a number that was changed meanwhile is none any more. */
    async checkVatNumber(ref) {
      const customer = await get(deps.em(), Customer, ref.targetId);
      const { vatId } = customer;
      if (!vatId || !(await isDue(deps.em(), customer))) return 'skipped';
      const answer = await ask(customer, vatId);
      await deps.em().transactional((tx) => keep(tx, ref, vatId, answer));
    },

    /** Of what was charged while VIES had not answered. */
    async creditTax(ref) {
      const customer = await get(deps.em(), Customer, ref.targetId);
      if (!(await taxationOf(deps.em(), customer, new Date())).reverseCharge) return 'skipped';
      for (const id of await taxedInvoices(deps.em(), customer)) {
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

/** @param ended the answer, and whose number it is about */
function tellEnded(
  tx: EntityManager,
  { id: key, tenantId, ...data }: { id: string; tenantId: string; customerId: string; vatId: string },
): Promise<void> {
  const message = `VIES does not know ${data.vatId} any more: tax is charged from the next invoice on.`;
  return recordSystemEvent(tx, { type: 'customer.vat_ended', level: 'warning', key, tenantId, message, data });
}
