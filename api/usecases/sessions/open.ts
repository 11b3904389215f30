import { actingAs } from '../../../db/acting.ts';
import { OidcSession, type User } from '../../../db/entities/index.ts';
import { audit } from '../../../db/queries/audit.ts';
import { addRefreshToken } from '../../../db/queries/refresh-tokens.ts';
import type { Anonymous } from '../../context.ts';
import { createTokens, type ProviderSession, refreshEnd } from '../../http/tokens.ts';

export interface OpenedSession {
  token: string;
  refreshToken: string;
  user: User;
}

/** A session of somebody who was recognised. In their tenant's scope. It ends with the provider's that it came from. */
export async function openSession(ctx: Anonymous, user: User, oidc?: ProviderSession): Promise<OpenedSession> {
  await recordSignIn(ctx, user, 'user.signed_in');
  const tokens = createTokens(ctx.config.JWT_SECRET);
  const expiresAt = refreshEnd();
  const jti = await addRefreshToken(ctx.em, { userId: user.id, expiresAt });
  if (oidc) await ctx.em.insert(OidcSession, { familyId: jti, userId: user.id, ...oidc });
  const refreshToken = await tokens.refresh({ sub: user.id, jti }, expiresAt);
  return { token: await accessToken(ctx, user, jti), refreshToken, user };
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

/** In the name of whom the address stands for, whether or not it was them. */
export function recordSignIn(ctx: Anonymous, { id, tenantId }: User, action: string): Promise<void> {
  return inNameOf(ctx, id, () =>
    ctx.em.transactional(async (em) => {
      audit(em, { tenantId, action, resourceType: 'user', resourceId: id });
    }),
  );
}

/** Runs something in the name of somebody whom a public request has recognised. */
export function inNameOf<T>({ address, requestId }: Anonymous, userId: string, work: () => Promise<T>): Promise<T> {
  return actingAs({ type: 'user', id: userId, address, requestId }, work);
}
