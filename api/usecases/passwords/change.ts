import { AppError } from '../../../core/app-error.ts';
import { User } from '../../../db/entities/index.ts';
import { dropMailedTokens } from '../../../db/queries/mailed-tokens.ts';
import { revokeSessions } from '../../../db/queries/users.ts';
import type { Context } from '../../context.ts';
import { changeOwn } from '../users/own.ts';
import { guarded } from './guard.ts';
import { hashPassword, passwordMatches } from './hash.ts';

/** Changes the password of whoever asks, who knows the one there is. Their other sessions end. */
export async function changePassword(ctx: Context, wish: { currentPassword: string; password: string }): Promise<void> {
  await confirmPassword(ctx, wish.currentPassword);
  const passwordHash = await hashPassword(wish.password);
  await changeOwn(ctx, async (em, user, audit) => {
    await em.nativeUpdate(User, { id: user.id }, { passwordHash });
    await revokeSessions(em, user.id, ctx.caller.sessionId);
    await dropMailedTokens(em, user.id);
    audit('user.password_changed');
  });
}

/** Throws where this is not the password of whoever asks. */
export async function confirmPassword(ctx: Context, password: string): Promise<void> {
  const { userId } = ctx.caller;
  const known = await guarded(ctx, `password ${userId}`, () =>
    changeOwn(ctx, async (_em, user) => ((await passwordMatches(user.passwordHash, password)) ? user : undefined)),
  );
  if (!known) throw new AppError('FORBIDDEN', 'This is not your password.');
}
