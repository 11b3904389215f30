import { AppError } from '../../../core/app-error.ts';
import { isFromProvider } from '../../../db/queries/oidc.ts';
import { addRefreshToken, findRefreshToken, revokeFamily, rotate } from '../../../db/queries/refresh-tokens.ts';
import { findActiveUser } from '../../../db/queries/users.ts';
import { asPlatform } from '../../../db/tenant-scope.ts';
import type { Anonymous } from '../../context.ts';
import { createTokens, refreshEnd } from '../../http/tokens.ts';
import { accessToken } from './open.ts';

export interface RefreshWish {
  refreshToken: string;
  rotate: boolean;
}

export interface RenewedSession {
  token: string;
  refreshToken?: string;
}

/**
 * A new access token. A refresh token that is never rotated works until it ends; one that was rotated is used up, and
 * seeing it again means that somebody else has it: the whole family is revoked.
 */
export function refresh(ctx: Anonymous, wish: RefreshWish): Promise<RenewedSession> {
  return asPlatform('a session is found by its token alone', () => renew(ctx, wish));
}

async function renew(ctx: Anonymous, wish: RefreshWish): Promise<RenewedSession> {
  const tokens = createTokens(ctx.config.JWT_SECRET);
  const { jti, sub } = await tokens.verifyRefresh(wish.refreshToken);
  const row = await findRefreshToken(ctx.em, jti);
  if (!row || row.userId !== sub || row.revokedAt) throw refused();
  if (row.rotatedAt || (wish.rotate && !(await rotate(ctx.em, row.id)))) {
    await revokeFamily(ctx.em, row.familyId);
    throw refused();
  }
  const user = await findActiveUser(ctx.em, sub);
  if (!user) throw refused();
  const token = await accessToken(ctx, user, row.familyId);
  if (!wish.rotate) return { token };
  // What a provider vouched for is not prolonged: in the end it is asked again.
  const expiresAt = (await isFromProvider(ctx.em, row.familyId)) ? row.expiresAt : refreshEnd();
  const next = await addRefreshToken(ctx.em, { userId: sub, familyId: row.familyId, expiresAt });
  return { token, refreshToken: await tokens.refresh({ sub, jti: next }, expiresAt) };
}

const refused = () => new AppError('UNAUTHENTICATED', 'The refresh token is not valid.');
