import { AppError } from '../../../core/app-error.ts';
import type { User } from '../../../db/entities/index.ts';
import { audit } from '../../../db/queries/audit.ts';
import { addRefreshToken } from '../../../db/queries/refresh-tokens.ts';
import { findActiveUser, findUserByEmail } from '../../../db/queries/users.ts';
import { asTenant } from '../../../db/tenant-scope.ts';
import type { Anonymous } from '../../context.ts';
import { createTokens, refreshEnd } from '../../http/tokens.ts';
import { guarded } from '../passwords/guard.ts';
import { passwordMatches } from '../passwords/hash.ts';

export interface OpenedSession {
  token: string;
  refreshToken: string;
  user: User;
}

/** Signs in. Unknown, suspended and wrong password are one answer, in one time. */
export async function login(ctx: Anonymous, wish: { email: string; password: string }): Promise<OpenedSession> {
  const session = await guarded(ctx, wish.email, async () => {
    const found = await findUserByEmail(ctx.em, wish.email);
    const matches = await passwordMatches(found?.passwordHash, wish.password);
    return found ? asTenant(found.tenantId, () => open(ctx, found, matches)) : undefined;
  });
  if (!session) throw new AppError('INVALID_CREDENTIALS', 'The e-mail address or the password is wrong.');
  return session;
}

async function open(ctx: Anonymous, found: User, matches: boolean): Promise<OpenedSession | undefined> {
  const user = matches ? await findActiveUser(ctx.em, found.id) : null;
  await record(ctx, found, user ? 'user.signed_in' : 'user.sign_in_failed');
  if (!user) return undefined;
  const tokens = createTokens(ctx.config.JWT_SECRET);
  const jti = await addRefreshToken(ctx.em, { userId: user.id, expiresAt: refreshEnd() });
  return {
    token: await accessToken(ctx, user, jti),
    refreshToken: await tokens.refresh({ sub: user.id, jti }),
    user,
  };
}

/** @param sid family of the refresh tokens of this sign-in */
export function accessToken(ctx: Anonymous, user: User, sid: string): Promise<string> {
  return createTokens(ctx.config.JWT_SECRET).access({
    sub: user.id,
    tenantId: user.tenantId,
    customerId: user.customerId ?? null,
    roles: user.roles,
    sid,
  });
}

async function record(ctx: Anonymous, user: User, action: string): Promise<void> {
  const { requestId, address } = ctx;
  await ctx.em.transactional(async (em) => {
    audit(em, {
      tenantId: user.tenantId,
      actorId: user.id,
      action,
      resourceType: 'user',
      resourceId: user.id,
      requestId,
      address,
    });
  });
}
