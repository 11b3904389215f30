import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { customerId } from './access.ts';
import { createdAt, id, minor } from './base.ts';
import { Order } from './ordering.ts';
import { tenantId } from './tenant.ts';

/** What somebody who knows a code pays less. */
export const Coupon = defineEntity({
  name: 'Coupon',
  indexes: [{ properties: ['tenantId', 'createdAt', 'id'] }],
  uniques: [{ properties: ['tenantId', 'code'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    /** In capitals. */
    code: p.text(),
    kind: p.enum(['percent', 'fixed'] as const),
    /** Of a percentage, in millionths. */
    share: p.integer().nullable(),
    /** Of a fixed one. */
    amount: minor().nullable(),
    currency: p.string().length(3).nullable(),
    /** Whether it is for renewals too, or for the first period alone. */
    recurring: p.boolean(),
    maxUses: p.integer().nullable(),
    maxUsesPerCustomer: p.integer().nullable(),
    validFrom: p.datetime(3).nullable(),
    validUntil: p.datetime(3).nullable(),
    /** What it is for; none: everything. */
    productIds: p.array().$type<string[]>().default([]),
    createdAt: createdAt(),
  },
});
export type Coupon = InferEntity<typeof Coupon>;

/** One use of a coupon. It is taken back with an order that comes to nothing. */
export const CouponUse = defineEntity({
  name: 'CouponUse',
  indexes: [{ properties: ['couponId', 'customerId'] }, { properties: ['customerId'] }],
  properties: {
    orderId: p.manyToOne(Order).mapToPk().joinColumn('order_id').primary(),
    tenantId: tenantId(),
    couponId: p.manyToOne(Coupon).mapToPk().joinColumn('coupon_id').index(false),
    customerId: customerId(),
    createdAt: createdAt(),
  },
});
export type CouponUse = InferEntity<typeof CouponUse>;
