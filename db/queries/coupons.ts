import type { EntityManager } from '@mikro-orm/postgresql';
import { Coupon, CouponUse } from '../entities/index.ts';
import { listRows, lockRow, type Page, type PageQuery, type Scope, sql, withTenant } from './rows.ts';

export interface CouponView {
  coupon: Coupon;
  uses: number;
}

/** The coupon of a code, locked: until the transaction ends nobody else counts or claims its uses. */
export function lockCouponOf(em: EntityManager, tenantId: string, code: string): Promise<Coupon | null> {
  return lockRow(em, Coupon, { tenantId, code });
}

export function usesOf(em: EntityManager, couponId: string, customerId?: string): Promise<number> {
  return em.count(CouponUse, { couponId, ...(customerId ? { customerId } : {}) });
}

/** An order that comes to nothing has used no coupon. */
export async function giveBackCoupon(em: EntityManager, orderId: string): Promise<void> {
  await em.nativeDelete(CouponUse, { orderId });
}

export async function listCoupons(
  em: EntityManager,
  scope: Scope,
  page: PageQuery,
): Promise<Page<CouponView & { id: string }>> {
  const { items, ...totals } = await listRows(em, Coupon, withTenant(scope), page);
  const text =
    'select coupon_id as id, count(*)::int as uses from coupon_use where coupon_id = any(?::uuid[]) group by 1';
  const counted = items.length
    ? await sql<{ id: string; uses: number }>(em, text, [`{${items.map(({ id }) => id)}}`])
    : [];
  const uses = new Map(counted.map((row) => [row.id, row.uses]));
  return { items: items.map((coupon) => ({ id: coupon.id, coupon, uses: uses.get(coupon.id) ?? 0 })), ...totals };
}
