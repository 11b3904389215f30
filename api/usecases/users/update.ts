import { AppError } from '../../../core/app-error.ts';
import { User } from '../../../db/entities/index.ts';
import { dropMailedTokens } from '../../../db/queries/mailed-tokens.ts';
import { lockRow, withTenant } from '../../../db/queries/rows.ts';
import { revokeSessions } from '../../../db/queries/users.ts';
import type { Context } from '../../context.ts';
import { requireSignIn, seen } from '../access.ts';
import { change, given } from '../change.ts';
import { hashPassword } from '../passwords/hash.ts';
import type { UserWish } from './create.ts';
import { checkBinding, checkGrants, checkReach } from './grants.ts';

type Changes = { [K in keyof UserWish]?: UserWish[K] | undefined } & {
  status?: User['status'] | undefined;
};

/** Changes a login, whose customer stays. A new password, other roles or a suspension end its sessions. */
export async function updateUser(ctx: Context, id: string, changes: Changes): Promise<User> {
  const { password, customerId, ...fields } = changes;
  const passwordHash = password === undefined ? undefined : await hashPassword(password);
  return change(ctx, async ({ em, audit }) => {
    const user = seen(ctx, await lockRow(em, User, withTenant(ctx.scope, { id })));
    // Whoever stands above the caller is not theirs to change.
    checkReach(ctx, user);
    if (customerId !== undefined && customerId !== user.customerId)
      throw new AppError('WRONG_STATE', 'The customer of a login stays; make another login.');
    if (password !== undefined) checkPasswordChange(ctx, id);
    checkGrants(ctx, fields);
    if (fields.roles) await checkBinding({ ...ctx, em }, fields.roles, user.customerId ?? null);
    const accepted = passwordHash && user.status === 'invited' ? { status: 'active' as const } : {};
    em.assign(user, given({ ...accepted, ...fields, passwordHash }));
    if (passwordHash || fields.roles || fields.status) await revokeSessions(em, id);
    if (passwordHash || fields.email || fields.status) await dropMailedTokens(em, id);
    audit('user.updated', id, { fields: Object.keys(changes) });
    return user;
  });
}

/** Who found a session open, or a key, is not to make it theirs. */
function checkPasswordChange(ctx: Context, id: string): void {
  requireSignIn(ctx);
  if (id === ctx.caller.userId)
    throw new AppError(
      'FORBIDDEN',
      'Your own password is changed with the one that you have: POST /api/auth/password.',
    );
}
