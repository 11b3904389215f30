import type { TaxCategory } from '../../../core/pricing/rate.ts';
import { TaxRate } from '../../../db/entities/index.ts';
import { lockRow, withTenant } from '../../../db/queries/rows.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';

export interface TaxRateWish {
  country: string;
  category: TaxCategory;
  /** In millionths. */
  rate: number;
  validFrom: string;
}

export function addTaxRate(ctx: Context, wish: TaxRateWish): Promise<TaxRate> {
  return change(ctx, async ({ em, audit }) => {
    const row = { id: newId(), tenantId: ctx.scope.tenantId, createdAt: new Date(), ...wish };
    const rate = em.create(TaxRate, row);
    audit('tax_rate.created', rate.id, { ...wish });
    return rate;
  });
}

/** Invoices that were written with it keep it. */
export function removeTaxRate(ctx: Context, id: string): Promise<void> {
  return change(ctx, async ({ em, audit }) => {
    const rate = seen(ctx, await lockRow(em, TaxRate, withTenant(ctx.scope, { id })));
    em.remove(rate);
    const { country, category, rate: millionths, validFrom } = rate;
    audit('tax_rate.deleted', id, { country, category, rate: millionths, validFrom });
  });
}
