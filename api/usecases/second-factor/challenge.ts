import { AppError } from '../../../core/app-error.ts';
import type { User } from '../../../db/entities/index.ts';
import { findIdentity } from '../../../db/queries/oidc.ts';
import { findActiveUser } from '../../../db/queries/users.ts';
import { asPlatform, asTenant } from '../../../db/tenant-scope.ts';
import { hashToken } from '../../../runtime/token.ts';
import type { Anonymous } from '../../context.ts';
import { CHALLENGE_SECONDS, createTokens, type ProviderSession } from '../../http/tokens.ts';
import { guarded } from '../passwords/guard.ts';
import { type OpenedSession, openSession, recordSignIn } from '../sessions/open.ts';
import { useCode } from './code.ts';
import { accountOf } from './own.ts';

export interface Challenge {
  /** To be shown with a code. */
  challenge: string;
  expiresAt: Date;
}

/** For who was recognised, by a password or a provider, and has to show a code as well. */
export async function challenge(ctx: Anonymous, user: User, oidc?: ProviderSession): Promise<Challenge> {
  const expiresAt = new Date(Date.now() + CHALLENGE_SECONDS * 1000);
  const claims = { sub: user.id, pwd: markOf(user), ...(oidc && { oidc }) };
  return { challenge: await createTokens(ctx.config.JWT_SECRET).challenge(claims), expiresAt };
}

const markOf = ({ passwordHash }: User) => hashToken(passwordHash ?? '');

/** Completes a sign-in by a code of the authenticator app, or a recovery code. */
export async function answerChallenge(
  ctx: Anonymous,
  wish: { challenge: string; code: string },
): Promise<OpenedSession> {
  const { sub, pwd, oidc } = await createTokens(ctx.config.JWT_SECRET).verifyChallenge(wish.challenge);
  const user = await asPlatform('a challenge names no tenant', () => findActiveUser(ctx.em, sub));
  if (!user || markOf(user) !== pwd) throw unknown();
  return asTenant(user.tenantId, async () => {
    if (oidc && !(await findIdentity(ctx.em, oidc.connectionId, oidc.subject))) throw unknown();
    const shown = await guarded(ctx, accountOf(sub), () => show(ctx, user, wish.code));
    if (!shown) throw new AppError('INVALID_CREDENTIALS', 'This code is wrong, or was used before.');
    return openSession(ctx, user, oidc);
  });
}

const unknown = () => new AppError('UNAUTHENTICATED', 'The challenge is not valid.');

async function show(ctx: Anonymous, user: User, code: string): Promise<true | undefined> {
  const right = await ctx.em.transactional((em) => useCode(em, ctx.seal, user.id, code));
  if (right) return true;
  await recordSignIn(ctx, user, 'user.sign_in_failed');
  return undefined;
}
