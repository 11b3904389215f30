import { revokeFamily } from '../../../db/queries/refresh-tokens.ts';
import type { Context } from '../../context.ts';
import { changeOwn } from '../users/own.ts';

/** Ends the session behind the request: its access and refresh tokens work no more. */
export function logout(ctx: Context): Promise<void> {
  return changeOwn(ctx, async (em, _user, audit) => {
    if (ctx.caller.sessionId) await revokeFamily(em, ctx.caller.sessionId);
    audit('user.signed_out');
  });
}
