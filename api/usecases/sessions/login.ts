import { AppError } from '../../../core/app-error.ts';
import { actingAs } from '../../../db/acting.ts';
import type { User } from '../../../db/entities/index.ts';
import { audit } from '../../../db/queries/audit.ts';
import { addRefreshToken } from '../../../db/queries/refresh-tokens.ts';
import { findActiveUser, findUserByEmail } from '../../../db/queries/users.ts';
import { asTenant } from '../../../db/tenant-scope.ts';
import type { Anonymous } from '../../context.ts';
import { createTokens, refreshEnd } from '../../http/tokens.ts';
import { passwordMatches } from './passwords.ts';

export interface OpenedSession {
  token: string;
  refreshToken: string;
  user: User;
}

/** Signs in. Unknown, suspended and wrong password are one answer, in one time. */
export async function login(ctx: Anonymous, wish: { email: string; password: string }): Promise<OpenedSession> {
  const found = await findUserByEmail(ctx.em, wish.email);
  const matches = await passwordMatches(found?.passwordHash, wish.password);
  const session = found && (await asTenant(found.tenantId, () => open(ctx, found, matches)));
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
    token: await accessToken(ctx, user),
    refreshToken: await tokens.refresh({ sub: user.id, jti }),
    user,
  };
}

export function accessToken(ctx: Anonymous, user: User): Promise<string> {
  return createTokens(ctx.config.JWT_SECRET).access({
    sub: user.id,
    tenantId: user.tenantId,
    customerId: user.customerId ?? null,
    roles: user.roles,
  });
}

/** In the name of whom the address stands for, whether or not it was them. */
function record({ em, requestId, address }: Anonymous, { id, tenantId }: User, action: string): Promise<void> {
  return actingAs({ type: 'user', id, address, requestId }, () =>
    em.transactional(async (tx) => {
      audit(tx, { tenantId, action, resourceType: 'user', resourceId: id });
    }),
  );
}
