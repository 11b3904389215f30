import { AppError } from '../../../core/app-error.ts';
import { User } from '../../../db/entities/index.ts';
import { lockRow, withTenant } from '../../../db/queries/rows.ts';
import { removeUser } from '../../../db/queries/users.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';
import { checkReach } from './grants.ts';

/** Deletes a login; what it did stays in the audit log under its id. */
export function deleteUser(ctx: Context, id: string): Promise<void> {
  return change(ctx, async ({ em, audit }) => {
    const user = seen(ctx, await lockRow(em, User, withTenant(ctx.scope, { id })));
    checkReach(ctx, user);
    if (id === ctx.caller.userId) throw new AppError('WRONG_STATE', 'Nobody deletes their own login.');
    audit('user.deleted', id, { email: user.email });
    await removeUser(em, id);
  });
}
