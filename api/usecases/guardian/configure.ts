import { GuardianInstance, Tenant } from '../../../db/entities/index.ts';
import { lockInstance } from '../../../db/queries/guardian.ts';
import { lockRow } from '../../../db/queries/rows.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { change, given } from '../change.ts';

export interface GuardianWish {
  enabled?: boolean | undefined;
  allowedPorts?: number[] | undefined;
}

/** SSH and the web: what a guest of ours is sold for. */
const USUAL_PORTS = [22, 80, 443];

/** Makes the tenant's Guardian, or changes what it is told. `made`: there was none. */
export function configureGuardian(
  ctx: Context,
  wish: GuardianWish,
): Promise<{ instance: GuardianInstance; made: boolean }> {
  const { tenantId } = ctx.scope;
  const ports = wish.allowedPorts && [...new Set(wish.allowedPorts)].sort((a, b) => a - b);
  return change(ctx, async ({ em, audit }) => {
    // Of two that ask for the first time at once, the second one finds what the first has made.
    await lockRow(em, Tenant, { id: tenantId });
    const there = await lockInstance(em, tenantId);
    const instance =
      there ??
      em.create(GuardianInstance, {
        ...{ id: newId(), tenantId, enabled: true, allowedPorts: USUAL_PORTS },
        ...{ createdAt: new Date(), updatedAt: new Date() },
      });
    em.assign(instance, given({ enabled: wish.enabled, allowedPorts: ports }));
    em.persist(instance);
    audit(there ? 'guardian_instance.changed' : 'guardian_instance.created', instance.id);
    await em.flush();
    return { instance, made: !there };
  });
}
