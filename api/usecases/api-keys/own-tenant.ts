import { findUser } from '../../../db/queries/users.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';

/** Keys are of the tenant of their owner: a platform administrator has none where they only act. */
export async function ownTenant(ctx: Context): Promise<void> {
  seen(ctx, await findUser(ctx.em, ctx.scope, ctx.caller.userId));
}
