import { AppError } from '../../../core/app-error.ts';
import type { GuardianScan, Job } from '../../../db/entities/index.ts';
import { beginScan, lockInstance } from '../../../db/queries/guardian.ts';
import type { Context } from '../../context.ts';
import { change } from '../change.ts';

/** Looks at all that the tenant has. One scan at a time. */
export function requestScan(ctx: Context): Promise<{ scan: GuardianScan; job: Job }> {
  const { caller, scope } = ctx;
  return change(ctx, async ({ em, audit, send }) => {
    if (!(await lockInstance(em, scope.tenantId)))
      throw new AppError('WRONG_STATE', 'This tenant has no Guardian yet: POST /guardian/instance makes it.');
    const begun = await beginScan(em, { tenantId: scope.tenantId, requestedBy: caller.userId });
    if (!begun) throw new AppError('JOB_RUNNING', 'A scan is under way.');
    send(begun.outboxId);
    audit('guardian_scan.requested', begun.scan.id);
    return begun;
  });
}
