import type { z } from 'zod';
import { toDecimal } from '../../../../core/money.ts';
import { toPercent } from '../../../../core/pricing/rate.ts';
import type { TaxRate } from '../../../../db/entities/index.ts';
import type { CouponView } from '../../../../db/queries/coupons.ts';
import type * as schemas from '../schemas/index.ts';
import { moment } from './common.ts';

export function presentTaxRate(row: TaxRate): z.infer<typeof schemas.TaxRate> {
  const { id, tenantId, country, category, rate, validFrom, createdAt } = row;
  const shown = { id, tenantId, country, category, rate: toPercent(rate), validFrom };
  return { ...shown, createdAt: createdAt.toISOString() } as z.infer<typeof schemas.TaxRate>;
}

export function presentCoupon({ coupon, uses }: CouponView): z.infer<typeof schemas.Coupon> {
  const { id, tenantId, code, kind, share, amount, currency, recurring, productIds, createdAt } = coupon;
  return {
    id,
    tenantId,
    code,
    kind,
    percent: typeof share === 'number' ? toPercent(share) : null,
    amount: typeof amount === 'number' && currency ? toDecimal(amount, currency) : null,
    currency: currency ?? null,
    recurring,
    maxUses: coupon.maxUses ?? null,
    maxUsesPerCustomer: coupon.maxUsesPerCustomer ?? null,
    validFrom: moment(coupon.validFrom),
    validUntil: moment(coupon.validUntil),
    productIds,
    uses,
    createdAt: createdAt.toISOString(),
  };
}
