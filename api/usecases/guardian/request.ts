import { AppError, invalid } from '../../../core/app-error.ts';
import { planFor } from '../../../core/guardian.ts';
import { GuardianRemediation } from '../../../db/entities/index.ts';
import { findWeakness } from '../../../db/queries/guardian.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { change } from '../change.ts';
import { requireState } from '../idle.ts';

/** Asks for what can be done about a finding. Nothing happens before tenant and platform have both approved it. */
export function requestRemediation(ctx: Context, findingId: string): Promise<GuardianRemediation> {
  const { caller, scope } = ctx;
  return change(ctx, async ({ em, audit }) => {
    const finding = await findWeakness(em, scope, findingId);
    if (!finding) throw invalid(['findingId'], 'there is no such finding');
    requireState(finding.state, ['open']);
    const plan = planFor(finding, newId());
    if (!plan) throw new AppError('WRONG_STATE', 'There is nothing that the platform could do about it by itself.');
    const row = em.create(GuardianRemediation, {
      ...{ id: newId(), tenantId: scope.tenantId, findingId, plan, requestedBy: caller.userId },
      ...{ status: 'requested' as const, createdAt: new Date() },
    });
    em.persist(row);
    audit('guardian_remediation.requested', row.id, { findingId });
    return row;
  });
}
