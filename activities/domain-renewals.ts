import type { EntityManager } from '@mikro-orm/postgresql';
import { Refused } from '../core/errors.ts';
import { Domain, OrderItem, Subscription } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { first, get, set } from '../db/queries/entity.ts';
import { startJob } from '../db/queries/jobs.ts';
import type { DomainView } from '../providers/registrar/port.ts';
import type { StepActivities, StepRef } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';

const YEAR_MS = 365.25 * 24 * 3_600_000;

/** The renewal of a registered name. The expiry it starts from is kept: it tells a repeat from a second renewal. */
export function domainRenewalActivities(deps: Deps) {
  async function registered(domain: Domain): Promise<DomainView> {
    const view = await deps.registrar.info(domain.name);
    if (!view) throw new Refused(`${domain.name} is not registered any more`);
    return view;
  }

  /** The registry's new date is ours and that of what is paid; whoever ordered it has it. */
  async function store(domain: Domain, view: DomainView, ref: StepRef): Promise<void> {
    const { expiresAt, nameservers } = view;
    await deps.em().transactional(async (tx) => {
      const resourceId = domain.id;
      const revived = domain.status === 'expired' ? { status: 'active' as const } : {};
      const fresh = { expiresAt, nameservers, renewal: null, ...revived };
      if (await set(tx, Domain, { id: resourceId, renewal: { $ne: null } }, fresh)) renewed(tx, domain);
      await set(tx, Subscription, { resourceId, status: { $in: ['active', 'suspended'] } }, { renewsAt: expiresAt });
      const { orderId } = ref;
      const there = { resourceId, status: { $ne: 'undone' as const } };
      if (orderId) await set(tx, OrderItem, { orderId, ...there }, { status: 'delivered' });
    });
  }

  return {
    /** What an order renews is known from its item; what staff renew is written down when they ask. */
    async claimRenewal(ref) {
      const domain = await get(deps.em(), Domain, ref.targetId);
      // Late is not too late: until the registry has given it up, its own answer to the renewal says whether it can be had.
      if (!['active', 'expired'].includes(domain.status) || !domain.expiresAt)
        throw new Refused(`${domain.name} cannot be renewed any more`);
      if (domain.renewal || !ref.orderId) return;
      const item = await first(deps.em(), OrderItem, { orderId: ref.orderId, resourceId: domain.id });
      const renewal = { from: domain.expiresAt.toISOString(), years: Number(item?.config.years) };
      await set(deps.em(), Domain, { id: domain.id, renewal: null }, { renewal });
    },

    /** What the registry did renew though nobody heard of it is kept, and paid. */
    async dropRenewal(ref) {
      const domain = await get(deps.em(), Domain, ref.targetId);
      const view = await deps.registrar.info(domain.name);
      if (!domain.renewal) return;
      if (view && missingYears(view.expiresAt, domain.renewal) <= 0) return store(domain, view, ref);
      await deps.em().transactional(async (tx) => {
        const moved = await set(tx, Domain, { id: domain.id, renewal: { $ne: null } }, { renewal: null });
        const { tenantId, customerId, renewal } = domain;
        if (!moved || !renewal?.invoiceId) return;
        startJob(tx, {
          type: 'invoice_refund',
          tenantId,
          customerId,
          targetId: renewal.invoiceId,
          parentJobId: ref.jobId,
        });
      });
    },

    async renewDomain(ref) {
      const domain = await get(deps.em(), Domain, ref.targetId);
      const { renewal } = domain;
      if (!renewal) return 'skipped';
      const view = await registered(domain);
      if (view.sponsor !== deps.registrar.clientId) throw new Refused(`${domain.name} is with another registrar now`);
      const years = missingYears(view.expiresAt, renewal);
      if (years > 0) await deps.registrar.renew(domain.name, view.expiresAt, years);
    },

    async storeRenewal(ref) {
      const domain = await get(deps.em(), Domain, ref.targetId);
      await store(domain, await registered(domain), ref);
    },
  } satisfies Partial<StepActivities>;
}

/** Of what is paid for: all of them, none where our answer was lost, some where the registry renewed by itself. */
function missingYears(expiresAt: Date, { from, years }: { from: string; years: number }): number {
  const wanted = new Date(from);
  wanted.setUTCFullYear(wanted.getUTCFullYear() + years);
  return Math.min(years, Math.round((wanted.getTime() - expiresAt.getTime()) / YEAR_MS));
}

function renewed(tx: EntityManager, { tenantId, id: resourceId }: Domain): void {
  audit(tx, { tenantId, action: 'domain.renewed', resourceType: 'domain', resourceId });
}
