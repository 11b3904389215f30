import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../../core/app-error.ts';
import type { User } from '../../../db/entities/index.ts';
import { hasSecondFactor } from '../../../db/queries/second-factors.ts';
import { findActiveUser, findUserByEmail } from '../../../db/queries/users.ts';
import { asTenant } from '../../../db/tenant-scope.ts';
import type { Anonymous } from '../../context.ts';
import { guarded } from '../passwords/guard.ts';
import { passwordMatches } from '../passwords/hash.ts';
import { type Challenge, challenge } from '../second-factor/challenge.ts';
import { type OpenedSession, openSession, recordSignIn } from './open.ts';

/** Longer than telling the log of a failure takes: the time of the answer does not tell whether anybody has the address. */
const REFUSAL_MS = 100;

/**
 * Signs in, or answers what is still to be shown. Unknown, suspended and wrong password are one answer, in one time.
 */
export async function login(
  ctx: Anonymous,
  wish: { email: string; password: string },
): Promise<OpenedSession | Challenge> {
  const refusedAt = wait(REFUSAL_MS);
  const user = await guarded(ctx, wish.email, () => recognise(ctx, wish));
  if (!user) {
    await refusedAt;
    throw new AppError('INVALID_CREDENTIALS', 'The e-mail address or the password is wrong.');
  }
  return asTenant(user.tenantId, async () =>
    (await hasSecondFactor(ctx.em, user.id)) ? challenge(ctx, user) : openSession(ctx, user),
  );
}

async function recognise(ctx: Anonymous, wish: { email: string; password: string }): Promise<User | undefined> {
  const found = await findUserByEmail(ctx.em, wish.email);
  const matches = await passwordMatches(found?.passwordHash, wish.password);
  if (!found) return undefined;
  return asTenant(found.tenantId, async () => {
    const user = matches ? await findActiveUser(ctx.em, found.id) : null;
    if (!user) await recordSignIn(ctx, found, 'user.sign_in_failed');
    return user ?? undefined;
  });
}
