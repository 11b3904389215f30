import { Tenant } from '../../../db/entities/index.ts';
import { audit } from '../../../db/queries/audit.ts';
import { asPlatform } from '../../../db/tenant-scope.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { change } from '../change.ts';
import { userOf } from '../users/create.ts';

export interface TenantWish {
  name: string;
  status: Tenant['status'];
  /** Is invited to choose a password. */
  administrator?: { name: string; email: string } | undefined;
}

export function createTenant(ctx: Context, wish: TenantWish): Promise<Tenant> {
  return asPlatform('a new tenant is none of the caller’s rows', () =>
    change(ctx, async ({ em, send }) => {
      const { administrator, ...fields } = wish;
      const tenant = em.create(Tenant, { id: newId(), createdAt: new Date(), ...fields });
      // Told in the new tenant's chain, where the database notes the rows: of both it makes one event.
      const tell = (resourceType: string, resourceId: string, metadata: Record<string, unknown>) =>
        audit(em, { tenantId: tenant.id, action: `${resourceType}.created`, resourceType, resourceId, metadata });
      if (administrator) {
        // Before its login, which names it.
        await em.flush();
        const { user, outboxId } = await (await userOf(tenant.id, { ...administrator, roles: ['admin'] }))(em);
        if (outboxId) send(outboxId);
        tell('user', user.id, { roles: user.roles });
      }
      tell('tenant', tenant.id, { name: wish.name });
      return tenant;
    }),
  );
}
