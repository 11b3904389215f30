import { Tenant } from '../../../db/entities/index.ts';
import { lockRow } from '../../../db/queries/rows.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change, given } from '../change.ts';

export interface BillingSettings {
  country: string | null;
  pricesIncludeTax: boolean;
  vatId: string | null;
}

/** How a tenant sells from now on; what was sold keeps the terms it was sold on. */
export function changeBillingSettings(
  ctx: Context,
  changes: { [K in keyof BillingSettings]?: BillingSettings[K] | undefined },
): Promise<BillingSettings> {
  return change(ctx, async ({ em, audit }) => {
    const tenant = seen(ctx, await lockRow(em, Tenant, { id: ctx.scope.tenantId }));
    em.assign(tenant, given(changes));
    audit('tenant.billing_changed', tenant.id, given(changes));
    return settingsOf(tenant);
  });
}

export const settingsOf = ({ country, pricesIncludeTax, vatId }: Tenant): BillingSettings => ({
  country: country ?? null,
  pricesIncludeTax,
  vatId: vatId ?? null,
});
