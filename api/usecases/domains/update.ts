import type { Domain } from '../../../db/entities/index.ts';
import { lockDomain } from '../../../db/queries/domains.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';

/** Whether a name renews itself. An invoice that was made for it stays: it can be paid, or the subscription cancelled. */
export function updateDomain(ctx: Context, id: string, changes: { autoRenew?: boolean | undefined }): Promise<Domain> {
  return change(ctx, async (tx) => {
    const domain = seen(ctx, await lockDomain(tx.em, ctx.scope, id));
    const { autoRenew = domain.autoRenew } = changes;
    if (autoRenew !== domain.autoRenew) tx.audit('domain.updated', id, { autoRenew });
    domain.autoRenew = autoRenew;
    return domain;
  });
}
