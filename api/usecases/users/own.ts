import type { EntityManager } from '@mikro-orm/postgresql';
import { User } from '../../../db/entities/index.ts';
import { audit } from '../../../db/queries/audit.ts';
import { lockRow } from '../../../db/queries/rows.ts';
import { asPlatform } from '../../../db/tenant-scope.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';

/** A change of the caller's own login, which is in its own tenant wherever a platform administrator acts. */
export function changeOwn<T>(
  ctx: Context,
  work: (em: EntityManager, user: User, note: (action: string) => void) => Promise<T>,
): Promise<T> {
  return asPlatform('a platform administrator may be acting in another tenant', () =>
    ctx.em.transactional(async (em) => {
      const user = seen(ctx, await lockRow(em, User, { id: ctx.caller.userId }));
      return work(em, user, (action) => {
        audit(em, { tenantId: user.tenantId, action, resourceType: 'user', resourceId: user.id });
      });
    }),
  );
}
