import type { User } from '../../../db/entities/index.ts';
import { findActiveUser } from '../../../db/queries/users.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';

/** The login behind the request. */
export async function me(ctx: Context): Promise<User> {
  return seen(ctx, await findActiveUser(ctx.em, ctx.caller.userId));
}
