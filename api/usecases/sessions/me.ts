import type { User } from '../../../db/entities/index.ts';
import { findActiveUser } from '../../../db/queries/users.ts';
import { asPlatform } from '../../../db/tenant-scope.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';

/** The login behind the request. */
export async function me(ctx: Context): Promise<User> {
  const own = () => findActiveUser(ctx.em, ctx.caller.userId);
  return seen(ctx, await asPlatform('a platform administrator may be acting in another tenant', own));
}
