import { AppError } from '../../../core/app-error.ts';
import { houseOf } from '../../../db/queries/mailed-tokens.ts';
import { confirmFactor, dropFactor, enrolFactor, hasSecondFactor } from '../../../db/queries/second-factors.ts';
import { revokeSessions } from '../../../db/queries/users.ts';
import type { Context } from '../../context.ts';
import { confirmPassword } from '../passwords/change.ts';
import { guarded } from '../passwords/guard.ts';
import { changeOwn } from '../users/own.ts';
import { newRecoveryCodes, newSecret, uriOf, useCode } from './code.ts';

/** A secret for an authenticator app; nothing is asked of the login before a code of it confirms that it has arrived. */
export async function enrol(ctx: Context, password: string): Promise<{ secret: string; uri: string }> {
  await confirmPassword(ctx, password);
  return changeOwn(ctx, async (em, user, audit) => {
    await refuseWhileOn(em, user.id);
    const secret = newSecret();
    await enrolFactor(em, ctx.seal, user, secret);
    audit('user.second_factor_enrolled');
    return { secret, uri: uriOf(secret, await houseOf(em, user.tenantId), user.email) };
  });
}

/** Switches it on. Answers the recovery codes, which are never shown again; all other sessions end. */
export async function confirm(ctx: Context, code: string): Promise<string[]> {
  const codes = await guarded(ctx, accountOf(ctx.caller.userId), () =>
    changeOwn(ctx, async (em, user, audit) => {
      await refuseWhileOn(em, user.id);
      if (!(await useCode(em, ctx.seal, user.id, code))) return undefined;
      const made = newRecoveryCodes();
      await confirmFactor(em, user.id, made);
      await revokeSessions(em, user.id, ctx.caller.sessionId);
      audit('user.second_factor_on');
      return made;
    }),
  );
  return codes ?? refuse();
}

/** Switches it off, with the password and a code or recovery code. */
export async function switchOff(ctx: Context, wish: { password: string; code: string }): Promise<void> {
  await confirmPassword(ctx, wish.password);
  const off = await guarded(ctx, accountOf(ctx.caller.userId), () =>
    changeOwn(ctx, async (em, user, audit) => {
      if (!(await useCode(em, ctx.seal, user.id, wish.code))) return undefined;
      await dropFactor(em, user.id);
      audit('user.second_factor_off');
      return true;
    }),
  );
  if (!off) refuse();
}

/** What attempts at a login's codes are counted under. */
export const accountOf = (userId: string) => `second factor ${userId}`;

async function refuseWhileOn(em: Context['em'], userId: string): Promise<void> {
  if (await hasSecondFactor(em, userId)) throw new AppError('WRONG_STATE', 'The second factor is on already.');
}

function refuse(): never {
  throw new AppError('FORBIDDEN', 'This code is wrong, or was used before.');
}
