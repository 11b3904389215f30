import { ApiKey } from '../../../db/entities/index.ts';
import { lockRow, withTenant } from '../../../db/queries/rows.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';

/** A key works no more from the next request on. */
export function deleteApiKey(ctx: Context, id: string): Promise<void> {
  return change(ctx, async ({ em, audit }) => {
    const own = withTenant(ctx.scope, { id, userId: ctx.caller.userId });
    const key = seen(ctx, await lockRow(em, ApiKey, own));
    audit('api_key.deleted', id, { name: key.name });
    await em.nativeDelete(ApiKey, { id });
  });
}
