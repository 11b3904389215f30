import type { User } from '../../../db/entities/index.ts';
import { hasSecondFactor } from '../../../db/queries/second-factors.ts';
import { findActiveUser } from '../../../db/queries/users.ts';
import { asPlatform } from '../../../db/tenant-scope.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';

/** The login behind the request, and whether it shows more than its password. */
export function me(ctx: Context): Promise<{ user: User; secondFactor: boolean }> {
  return asPlatform('a platform administrator may be acting in another tenant', async () => {
    const user = seen(ctx, await findActiveUser(ctx.em, ctx.caller.userId));
    return { user, secondFactor: await hasSecondFactor(ctx.em, user.id) };
  });
}
