import { AppError } from '../../../core/app-error.ts';
import type { Domain, Job } from '../../../db/entities/index.ts';
import { lockDomain } from '../../../db/queries/domains.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';
import { requireIdle, requireState } from '../idle.ts';

/** Renews a name. The expiry it starts from is kept, so that a repeat is told from a second renewal. */
export function renewDomain(ctx: Context, id: string, years: number): Promise<{ domain: Domain; job: Job }> {
  return change(ctx, async (tx) => {
    const domain = seen(ctx, await lockDomain(tx.em, ctx.scope, id));
    requireState(domain.status, ['active']);
    await requireIdle(tx, id);
    if (!domain.expiresAt) throw new AppError('WRONG_STATE', 'The registry has not told when it expires.');
    domain.renewal = { from: domain.expiresAt.toISOString(), years };
    tx.audit('domain.renew_requested', id, { years, from: domain.renewal.from });
    return { domain, job: tx.start({ type: 'domain_renew', targetId: id, customerId: domain.customerId }) };
  });
}
