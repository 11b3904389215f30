import type { EntityManager } from '@mikro-orm/postgresql';
import { Domain, Subscription, Tenant } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { cleanupDue, BATCH as DEAD_BATCH, deleteDead, TABLES } from '../db/queries/dead-rows.ts';
import { get, set } from '../db/queries/entity.ts';
import { EXPIRING, expiryParams } from '../db/queries/expiry.ts';
import { hasLiveJobOf, startJob } from '../db/queries/jobs.ts';
import { DUE, type Due, dueIds, tenantsDue } from '../db/queries/renewals.ts';
import { lockRow } from '../db/queries/rows.ts';
import { asPlatform } from '../db/tenant-scope.ts';
import type { JobType } from '../workflows/catalog.ts';
import type { StepActivities, StepRef, SweepActivities } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';
import { beginDueScans } from './guardian/due.ts';
import { beginVatChecks } from './vat-age.ts';

/** In one transaction, and in one run of a step; the next run of the sweep goes on. */
const BATCH = 50;
const MOST = 1_000;

/** Finds what is due and starts its jobs. Whatever has a job is not due any more: a repeat finds what is left. */
export function sweepActivities(deps: Deps) {
  const { config } = deps;
  const params: Record<Due, number[]> = {
    renewal: [config.RENEWAL_INVOICE_SECONDS, config.RENEWAL_DOMAIN_SECONDS],
    suspension: [config.DUNNING_GRACE_SECONDS],
    lapse: [config.DUNNING_CANCEL_SECONDS],
    domain: [config.RENEWAL_DOMAIN_SECONDS],
  };

  /** Begins everything of a kind that is due for the tenant of a sweep, a batch at a time. */
  async function each(ref: StepRef, kind: Due, begin: (tx: EntityManager, id: string) => Promise<void>): Promise<void> {
    const { tenantId } = ref;
    for (let begun = 0; begun < MOST; ) {
      const ids = await deps.em().transactional(async (tx) => {
        const due = await dueIds(tx, DUE[kind], params[kind], { tenantId, limit: BATCH });
        for (const id of due) await begin(tx, id);
        if (due.length) listed(tx, ref, kind, due);
        return due;
      });
      begun += ids.length;
      if (ids.length < BATCH) return;
    }
  }

  const subscriptions = (kind: Due, type: JobType) => (ref: StepRef) =>
    each(ref, kind, async (tx, targetId) => {
      const { tenantId, customerId } = await get(tx, Subscription, targetId);
      startJob(tx, { type, tenantId, customerId, targetId, parentJobId: ref.jobId });
    });

  async function begin(type: JobType, tenantIds: Iterable<string>): Promise<number> {
    let begun = 0;
    for (const tenantId of new Set(tenantIds))
      await deps.em().transactional(async (tx) => {
        await lockRow(tx, Tenant, { id: tenantId });
        if (await hasLiveJobOf(tx, type, tenantId)) return;
        startJob(tx, { type, tenantId, targetId: tenantId });
        begun++;
      });
    return begun;
  }

  async function beginSweeps(): Promise<number> {
    const kinds = Object.keys(DUE) as Due[];
    const renewing = await Promise.all(kinds.map((kind) => tenantsDue(deps.em(), DUE[kind], params[kind])));
    const renewals = await begin('renewal_sweep', renewing.flat());
    const expiries = await begin('expiry_sweep', await tenantsDue(deps.em(), EXPIRING, expiryParams(config)));
    const cleanups = await begin('cleanup_sweep', await cleanupDue(deps.em(), config));
    return renewals + expiries + cleanups + (await beginDueScans(deps)) + (await beginVatChecks(deps));
  }

  return {
    beginSweeps: () => asPlatform('what is due is looked for among all tenants', beginSweeps),
    startRenewals: subscriptions('renewal', 'subscription_renew'),
    startSuspensions: subscriptions('suspension', 'subscription_suspend'),
    startLapses: subscriptions('lapse', 'subscription_lapse'),
    startDomainRenewals: (ref) =>
      each(ref, 'domain', async (tx, targetId) => {
        const { tenantId, customerId, expiresAt } = await get(tx, Domain, targetId);
        if (!expiresAt) return;
        await set(tx, Domain, { id: targetId }, { renewal: { from: expiresAt.toISOString(), years: 1 } });
        startJob(tx, { type: 'domain_renew', tenantId, customerId, targetId, parentJobId: ref.jobId });
      }),

    async deleteDeadRows(ref) {
      for (const table of TABLES)
        for (let last = DEAD_BATCH; last === DEAD_BATCH; )
          last = await deps.em().transactional(async (tx) => {
            const deleted = await deleteDead(tx, table, config);
            if (deleted) listed(tx, ref, 'cleanup', { [table]: deleted });
            return deleted;
          });
    },
  } satisfies Partial<StepActivities & SweepActivities>;
}

/** What a run did, where it is looked for: at its job. */
export function listed(tx: EntityManager, ref: StepRef, kind: string, done: string[] | Record<string, number>): void {
  const { tenantId, jobId: resourceId } = ref;
  audit(tx, { tenantId, action: `sweep.${kind}`, resourceType: 'job', resourceId, metadata: { done } });
}
