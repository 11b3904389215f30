import type { EntityManager } from '@mikro-orm/postgresql';
import { NotNow, Refused } from '../../core/errors.ts';
import { type CheckName, type RemedyPlan, WEAKNESS } from '../../core/guardian.ts';
import { DnsRecord, GuardianFinding, GuardianRemediation } from '../../db/entities/index.ts';
import { audit } from '../../db/queries/audit.ts';
import { get, remove, set } from '../../db/queries/entity.ts';
import { fingerprintOf } from '../../db/queries/weaknesses.ts';
import type { StepRef, StepResult } from '../../workflows/contract.ts';
import type { Deps } from '../deps.ts';
import type { Check } from './check.ts';
import { remedies } from './remedies.ts';

/** A certificate is renewed within minutes, a record is served within seconds: what has not helped by then will not. */
const HELPS_WITHIN_MS = 3_600_000;
const LOOK_AGAIN_MS = 15_000;

type Status = GuardianRemediation['status'];

export function remediation(deps: Deps, checks: Record<CheckName, Check>) {
  const acts = remedies(deps);

  /** Moves it on, unless it has moved already. */
  async function move(tx: EntityManager, id: string, from: Status, to: Status, more: object = {}): Promise<void> {
    if (!(await set(tx, GuardianRemediation, { id, status: from }, { status: to, ...more }))) return;
    const { tenantId, findingId, plan } = await get(tx, GuardianRemediation, id);
    const resource = { resourceType: 'guardian_remediation', resourceId: id };
    audit(tx, { tenantId, action: `guardian_remediation.${to}`, ...resource, metadata: { findingId, plan } });
  }

  const fail = (id: string, from: Status, detail: string) =>
    deps.em().transactional((tx) => move(tx, id, from, 'failed', { detail, endedAt: new Date() }));

  async function isThere({ kind, tenantId, resourceId: id, fingerprint }: GuardianFinding): Promise<boolean> {
    const [thing] = await checks[WEAKNESS[kind].check].things({ tenantId, id, limit: 1 });
    return thing !== undefined && (await thing.look()).some((seen) => fingerprintOf(id, seen) === fingerprint);
  }

  return {
    async apply(ref: StepRef): Promise<StepResult> {
      const row = await get(deps.em(), GuardianRemediation, ref.targetId);
      if (row.status !== 'approved') return 'skipped';
      const { plan } = row;
      const act = acts[plan.remedy] as (plan: RemedyPlan, row: GuardianRemediation, ref: StepRef) => Promise<void>;
      try {
        await act(plan, row, ref);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return fail(row.id, 'approved', error.message);
      }
      await deps.em().transactional((tx) => move(tx, row.id, 'approved', 'applied', { appliedAt: new Date() }));
    },

    /** Helped is what a look from outside finds gone. */
    async verify(ref: StepRef): Promise<StepResult> {
      const row = await get(deps.em(), GuardianRemediation, ref.targetId);
      if (row.status !== 'applied' || !row.appliedAt) return 'skipped';
      const finding = await get(deps.em(), GuardianFinding, row.findingId);
      const { RETRY_SCALE } = deps.config;
      if (await isThere(finding)) {
        if (Date.now() - row.appliedAt.getTime() < HELPS_WITHIN_MS * RETRY_SCALE)
          throw new NotNow(`${finding.text} So it is seen still.`, LOOK_AGAIN_MS * RETRY_SCALE);
        return fail(row.id, 'applied', 'it was done, and the finding is still there');
      }
      await deps.em().transactional(async (tx) => {
        const gone = { state: 'resolved' as const, resolvedAt: new Date() };
        await set(tx, GuardianFinding, { id: finding.id, state: 'open' }, gone);
        await move(tx, row.id, 'applied', 'verified', { endedAt: new Date() });
      });
    },

    /** An operator may have skipped a step: then it is not known to have helped. */
    async close({ targetId }: StepRef): Promise<StepResult> {
      const { status, plan } = await get(deps.em(), GuardianRemediation, targetId);
      if (status !== 'approved' && status !== 'applied') return 'skipped';
      // What the name server does not take would keep it from taking anything else of its zone.
      if (status === 'approved' && plan.remedy === 'add_record')
        await remove(deps.em(), DnsRecord, { id: plan.recordId });
      await fail(targetId, status, 'an operator skipped a step of it');
    },
  };
}
