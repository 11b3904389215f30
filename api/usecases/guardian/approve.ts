import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../core/app-error.ts';
import type { GuardianRemediation, Job } from '../../../db/entities/index.ts';
import { lockRemediation } from '../../../db/queries/guardian.ts';
import { findUser } from '../../../db/queries/users.ts';
import type { Context } from '../../context.ts';
import { requireSignIn, seen } from '../access.ts';
import { change } from '../change.ts';
import { requireState } from '../idle.ts';

export type Side = 'tenant' | 'platform';

export interface Approved {
  remediation: GuardianRemediation;
  /** Once both have approved. */
  job: Job | null;
}

/**
 * One of the two approvals, in either order, each once and by another person, who has signed in: a key would say yes for
 * whoever has it. Whoever comes second, under the row's lock,
 * sets it going; that the two differ is held by the table as well.
 */
export function approve(ctx: Context, id: string, side: Side): Promise<Approved> {
  return change(ctx, async ({ em, audit, start }) => {
    const row = seen(ctx, await lockRemediation(em, ctx.scope, id));
    requireSignIn(ctx);
    requireState(row.status, ['requested']);
    if (side === 'tenant') await requireOwnPeople(em, ctx);
    const { userId } = ctx.caller;
    const [own, other] = [`${side}ApprovedBy`, `${OTHER[side]}ApprovedBy`] as const;
    if (row[own]) throw new AppError('CONFLICT', `The ${side} has approved it already.`);
    if (row[other] === userId)
      throw new AppError('CONFLICT', `You approved it for the ${OTHER[side]}: this takes another person.`);
    em.assign(row, { [own]: userId, [`${side}ApprovedAt`]: new Date() });
    audit(`guardian_remediation.approved_by_${side}`, id);
    if (!row[other]) return { remediation: row, job: null };
    const job = start({ type: 'guardian_remediate', targetId: id });
    em.assign(row, { status: 'approved', jobId: job.id });
    return { remediation: row, job };
  });
}

const OTHER = { tenant: 'platform', platform: 'tenant' } as const;

/** A platform administrator who acts in the tenant is not of it, though nearly everything is allowed to them there. */
async function requireOwnPeople(em: EntityManager, { caller, scope }: Context): Promise<void> {
  if (!(await findUser(em, scope, caller.userId)))
    throw new AppError('FORBIDDEN', 'The tenant approves by somebody who belongs to it.');
}
