import { AppError } from '../../../core/app-error.ts';
import { User } from '../../../db/entities/index.ts';
import { lockRow, withTenant } from '../../../db/queries/rows.ts';
import { dropFactor } from '../../../db/queries/second-factors.ts';
import { revokeSessions } from '../../../db/queries/users.ts';
import type { Context } from '../../context.ts';
import { requireSignIn, seen } from '../access.ts';
import { change } from '../change.ts';
import { checkReach } from '../users/grants.ts';

/** Takes the second factor off a login whose owner has lost it. Its sessions end. */
export function resetSecondFactor(ctx: Context, id: string): Promise<void> {
  return change(ctx, async ({ em, audit }) => {
    const user = seen(ctx, await lockRow(em, User, withTenant(ctx.scope, { id })));
    checkReach(ctx, user);
    requireSignIn(ctx);
    if (id === ctx.caller.userId)
      throw new AppError('WRONG_STATE', 'Your own is switched off with your password and a code.');
    if (!(await dropFactor(em, id))) throw new AppError('WRONG_STATE', 'This login has no second factor.');
    await revokeSessions(em, id);
    audit('user.second_factor_reset', id);
  });
}
