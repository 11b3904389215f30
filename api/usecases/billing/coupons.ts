import { AppError, invalid } from '../../../core/app-error.ts';
import { Coupon } from '../../../db/entities/index.ts';
import { type CouponView, usesOf } from '../../../db/queries/coupons.ts';
import { lockRow, withTenant } from '../../../db/queries/rows.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change, given } from '../change.ts';

export type CouponWish = Omit<Coupon, 'id' | 'tenantId' | 'createdAt'>;

export function createCoupon(ctx: Context, wish: CouponWish): Promise<CouponView> {
  return change(ctx, async ({ em, audit }) => {
    const coupon = em.create(Coupon, { id: newId(), tenantId: ctx.scope.tenantId, createdAt: new Date(), ...wish });
    audit('coupon.created', coupon.id, { code: wish.code });
    return { coupon, uses: 0 };
  });
}

/** Changes what it does for orders from now on; what was sold with it keeps its terms. */
export function updateCoupon(
  ctx: Context,
  id: string,
  changes: { [K in keyof CouponWish]?: CouponWish[K] | undefined },
): Promise<CouponView> {
  return change(ctx, async ({ em, audit }) => {
    const coupon = seen(ctx, await lockRow(em, Coupon, withTenant(ctx.scope, { id })));
    const foreign = coupon.kind === 'percent' ? (['amount', 'currency'] as const) : (['share'] as const);
    for (const field of foreign)
      if (changes[field] !== undefined) throw invalid([field === 'share' ? 'percent' : field], `it is ${coupon.kind}`);
    if (changes.kind && changes.kind !== coupon.kind)
      throw new AppError('WRONG_STATE', 'The kind of a coupon stays; make another coupon.');
    em.assign(coupon, given(changes));
    audit('coupon.updated', id, { fields: Object.keys(given(changes)) });
    return { coupon, uses: await usesOf(em, id) };
  });
}

/** Deletes a coupon that nobody used. */
export function deleteCoupon(ctx: Context, id: string): Promise<void> {
  return change(ctx, async ({ em, audit }) => {
    const coupon = seen(ctx, await lockRow(em, Coupon, withTenant(ctx.scope, { id })));
    if (await usesOf(em, id)) throw new AppError('WRONG_STATE', 'It was used: end it instead, with validUntil.');
    em.remove(coupon);
    audit('coupon.deleted', id, { code: coupon.code });
  });
}
