import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../core/app-error.ts';
import type { Discount } from '../../../core/pricing/discount.ts';
import { type Coupon, CouponUse, type Customer } from '../../../db/entities/index.ts';
import { lockCouponOf, usesOf } from '../../../db/queries/coupons.ts';

const REASONS = {
  unknown: 'There is no such coupon.',
  not_yet_valid: 'This coupon is not valid yet.',
  expired: 'This coupon is not valid any more.',
  used_up: 'This coupon has been used up.',
  used_by_customer: 'This customer has used this coupon as often as it can be.',
  products: 'This coupon is for other products.',
  currency: 'This coupon is for another currency.',
};

function refused(reason: keyof typeof REASONS): AppError {
  return new AppError('COUPON_INVALID', REASONS[reason], { reason });
}

/** The coupon of a code as far as it can be used now. It stays locked, so that its last use is given to one order. */
export async function admitCoupon(em: EntityManager, customer: Customer, code: string): Promise<Coupon> {
  const coupon = await lockCouponOf(em, customer.tenantId, code.toUpperCase());
  const now = new Date();
  if (!coupon) throw refused('unknown');
  if (coupon.validFrom && coupon.validFrom > now) throw refused('not_yet_valid');
  if (coupon.validUntil && coupon.validUntil <= now) throw refused('expired');
  const { id, maxUses, maxUsesPerCustomer } = coupon;
  if (typeof maxUses === 'number' && (await usesOf(em, id)) >= maxUses) throw refused('used_up');
  if (typeof maxUsesPerCustomer === 'number' && (await usesOf(em, id, customer.id)) >= maxUsesPerCustomer)
    throw refused('used_by_customer');
  return coupon;
}

/** What the coupon takes off an order of these products in this currency. Throws 422 where that is nothing. */
export function discountOf(coupon: Coupon, productIds: readonly string[], currency: string): Discount {
  if (!productIds.some((id) => covers(coupon, id))) throw refused('products');
  if (coupon.kind === 'percent') return { kind: 'percent', share: coupon.share ?? 0 };
  if (coupon.currency !== currency) throw refused('currency');
  return { kind: 'fixed', amount: coupon.amount ?? 0 };
}

export function covers(coupon: Coupon, productId: string): boolean {
  return coupon.productIds.length === 0 || coupon.productIds.includes(productId);
}

export function useCoupon(em: EntityManager, coupon: Coupon, order: { id: string; customerId: string }): void {
  const { id: couponId, tenantId } = coupon;
  em.create(CouponUse, { orderId: order.id, tenantId, couponId, customerId: order.customerId, createdAt: new Date() });
}

/** What a renewal of one thing costs less, which was sold with a coupon that goes on: its part of what was taken off. */
export function renewalDiscount(coupon: Coupon, part: number): Discount {
  return coupon.kind === 'percent' ? { kind: 'percent', share: coupon.share ?? 0 } : { kind: 'fixed', amount: part };
}
