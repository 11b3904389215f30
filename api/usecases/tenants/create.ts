import { Tenant } from '../../../db/entities/index.ts';
import { asPlatform } from '../../../db/tenant-scope.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { change } from '../change.ts';

export function createTenant(ctx: Context, wish: { name: string; status: Tenant['status'] }): Promise<Tenant> {
  return asPlatform('a new tenant is none of the caller’s rows', () =>
    change(ctx, async ({ em, audit }) => {
      const tenant = em.create(Tenant, { id: newId(), createdAt: new Date(), ...wish });
      audit('tenant.created', tenant.id, { name: wish.name });
      return tenant;
    }),
  );
}
