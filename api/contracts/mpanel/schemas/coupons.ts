import { z } from 'zod';
import { isPercent } from '../../../../core/pricing/rate.ts';
import { currency, money, payable, TOO_FINE, timestamp, uuid } from './common.ts';
import { known } from './taxes.ts';

const couponTerms = {
  /** Without regard to case. */
  code: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{1,59}$/, 'letters, digits, - and _')
    .transform((code) => code.toUpperCase()),
  recurring: z.boolean(),
  maxUses: z.number().int().min(1).max(1e9).nullable(),
  maxUsesPerCustomer: z.number().int().min(1).max(1e9).nullable(),
  validFrom: timestamp.refine(...known).nullable(),
  validUntil: timestamp.refine(...known).nullable(),
  /** None: it is for everything. */
  productIds: z.array(uuid).max(200),
};

const off = {
  percent: z.number().gt(0).max(100).refine(isPercent, 'at most four digits after the point'),
  amount: z.number().gt(0).max(1e9),
  currency: z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code like USD'),
};

const newTerms = {
  ...couponTerms,
  recurring: couponTerms.recurring.default(false),
  maxUses: couponTerms.maxUses.default(null),
  maxUsesPerCustomer: couponTerms.maxUsesPerCustomer.default(null),
  validFrom: couponTerms.validFrom.default(null),
  validUntil: couponTerms.validUntil.default(null),
  productIds: couponTerms.productIds.default([]),
};

export const Coupon = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    ...couponTerms,
    code: z.string(),
    kind: z.enum(['percent', 'fixed']),
    percent: z.number().nullable(),
    amount: money.nullable(),
    currency: currency.nullable(),
    /** By orders that are paid or may still be. */
    uses: z.number().int(),
    createdAt: timestamp,
  })
  .meta({ id: 'Coupon' });

export const NewCoupon = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...newTerms, kind: z.literal('percent'), percent: off.percent }),
    z
      .strictObject({ ...newTerms, kind: z.literal('fixed'), amount: off.amount, currency: off.currency })
      .refine(payable, { path: ['amount'], message: TOO_FINE }),
  ])
  .meta({ id: 'NewCoupon' });

/** What may be changed of a coupon; its kind stays, and amount and currency go together. */
export const CouponChanges = z
  .strictObject({ ...couponTerms, kind: z.enum(['percent', 'fixed']), ...off })
  .partial()
  .refine(({ amount, currency }) => (amount === undefined) === (currency === undefined), {
    path: ['currency'],
    message: 'goes with the amount',
  })
  .refine(({ amount, currency }) => !amount || !currency || payable({ amount, currency }), {
    path: ['amount'],
    message: TOO_FINE,
  })
  .meta({ id: 'CouponChanges' });
