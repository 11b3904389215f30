import { z } from 'zod';
import { toMinor } from '../../../core/money.ts';
import { toMillionths } from '../../../core/pricing/rate.ts';
import { Coupon as CouponRow, TaxRate as TaxRateRow, Tenant } from '../../../db/entities/index.ts';
import { listCoupons, usesOf } from '../../../db/queries/coupons.ts';
import { listOnSale } from '../../../db/queries/products.ts';
import { findRow, listRows, withTenant } from '../../../db/queries/rows.ts';
import { created, noContent, ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { type CouponWish, createCoupon, deleteCoupon, updateCoupon } from '../../usecases/billing/coupons.ts';
import { changeBillingSettings, settingsOf } from '../../usecases/billing/settings.ts';
import { addTaxRate, removeTaxRate } from '../../usecases/billing/tax-rates.ts';
import { presentCoupon, presentTaxRate } from './present/billing.ts';
import { presentPage } from './present/common.ts';
import { presentOffer } from './present/ordering.ts';
import {
  BillingAddon,
  BillingPlan,
  BillingSettings,
  byId,
  Coupon,
  CouponChanges,
  empty,
  listOf,
  NewCoupon,
  NewTaxRate,
  pageQuery,
  TaxRate,
  VatId,
} from './schemas/index.ts';

const tag = 'Billing';

/** What can be bought by itself, and what is bought for it: products on sale, seen from the shop. */
const shop = [
  route({
    method: 'get',
    path: '/billing/plans',
    summary: 'Plans on sale',
    tag,
    permission: 'products.read',
    query: z.strictObject(pageQuery),
    responses: { 200: listOf(BillingPlan) },
    handler: async (ctx, { query }) =>
      ok(presentPage(await listOnSale(ctx.em, ctx.scope, 'plans', query), presentOffer<z.infer<typeof BillingPlan>>)),
  }),
  route({
    method: 'get',
    path: '/billing/addons',
    summary: 'Add-ons on sale, bought for a CloudPod',
    tag,
    permission: 'products.read',
    query: z.strictObject(pageQuery),
    responses: { 200: listOf(BillingAddon) },
    handler: async (ctx, { query }) =>
      ok(presentPage(await listOnSale(ctx.em, ctx.scope, 'addons', query), presentOffer<z.infer<typeof BillingAddon>>)),
  }),
];

const taxes = [
  route({
    method: 'get',
    path: '/billing/settings',
    summary: 'How the tenant sells',
    tag,
    permission: 'billing.read',
    responses: { 200: BillingSettings },
    handler: async (ctx) => ok(settingsOf(seen(ctx, await findRow(ctx.em, Tenant, { id: ctx.scope.tenantId })))),
  }),
  route({
    method: 'put',
    path: '/billing/settings',
    summary: 'Change how the tenant sells; what was sold keeps its terms',
    tag,
    permission: 'billing.write',
    body: BillingSettings.extend({ vatId: VatId.nullable() }).partial(),
    responses: { 200: BillingSettings },
    handler: async (ctx, { body }) => ok(await changeBillingSettings(ctx, body)),
  }),
  route({
    method: 'get',
    path: '/billing/tax-rates',
    summary: 'Tax rates by country and day',
    tag,
    permission: 'billing.read',
    query: z.strictObject(pageQuery),
    responses: { 200: listOf(TaxRate) },
    handler: async (ctx, { query }) =>
      ok(presentPage(await listRows(ctx.em, TaxRateRow, withTenant(ctx.scope), query), presentTaxRate)),
  }),
  route({
    method: 'post',
    path: '/billing/tax-rates',
    summary: 'Add a tax rate that is in force from a day on',
    tag,
    permission: 'billing.write',
    body: NewTaxRate,
    responses: { 201: TaxRate },
    handler: async (ctx, { body }) =>
      created(presentTaxRate(await addTaxRate(ctx, { ...body, rate: toMillionths(body.rate) }))),
  }),
  route({
    method: 'delete',
    path: '/billing/tax-rates/:id',
    summary: 'Delete a tax rate; invoices keep it',
    tag,
    permission: 'billing.write',
    params: byId,
    responses: { 204: empty },
    handler: async (ctx, { params }) => {
      await removeTaxRate(ctx, params.id);
      return noContent();
    },
  }),
];

/** A coupon's terms in the units of the core. */
function terms(body: z.infer<typeof NewCoupon>): CouponWish {
  const { validFrom, validUntil, ...rest } = body;
  const dates = { validFrom: date(validFrom), validUntil: date(validUntil) };
  if (rest.kind === 'fixed') return { ...rest, ...dates, share: null, amount: toMinor(rest.amount, rest.currency) };
  const { percent, ...percentage } = rest;
  return { ...percentage, ...dates, share: toMillionths(percent), amount: null, currency: null };
}

const date = <T extends null | undefined>(text: string | T): Date | T =>
  typeof text === 'string' ? new Date(text) : text;

const coupons = [
  route({
    method: 'get',
    path: '/billing/coupons',
    summary: 'Coupons',
    tag,
    permission: 'billing.read',
    query: z.strictObject(pageQuery),
    responses: { 200: listOf(Coupon) },
    handler: async (ctx, { query }) => ok(presentPage(await listCoupons(ctx.em, ctx.scope, query), presentCoupon)),
  }),
  route({
    method: 'get',
    path: '/billing/coupons/:id',
    summary: 'One coupon',
    tag,
    permission: 'billing.read',
    params: byId,
    responses: { 200: Coupon },
    handler: async (ctx, { params: { id } }) => {
      const coupon = seen(ctx, await findRow(ctx.em, CouponRow, withTenant(ctx.scope, { id })));
      return ok(presentCoupon({ coupon, uses: await usesOf(ctx.em, id) }));
    },
  }),
  route({
    method: 'post',
    path: '/billing/coupons',
    summary: 'Create a coupon',
    tag,
    permission: 'billing.write',
    body: NewCoupon,
    responses: { 201: Coupon },
    handler: async (ctx, { body }) => created(presentCoupon(await createCoupon(ctx, terms(body)))),
  }),
  route({
    method: 'put',
    path: '/billing/coupons/:id',
    summary: 'Change a coupon; what was sold with it keeps its terms',
    tag,
    permission: 'billing.write',
    params: byId,
    body: CouponChanges,
    responses: { 200: Coupon },
    handler: async (ctx, { params, body: { percent, amount, validFrom, validUntil, ...rest } }) => {
      const share = percent === undefined ? undefined : toMillionths(percent);
      const fixed = amount && rest.currency ? toMinor(amount, rest.currency) : undefined;
      const dates = { validFrom: date(validFrom), validUntil: date(validUntil) };
      return ok(presentCoupon(await updateCoupon(ctx, params.id, { ...rest, ...dates, share, amount: fixed })));
    },
  }),
  route({
    method: 'delete',
    path: '/billing/coupons/:id',
    summary: 'Delete a coupon that nobody used',
    tag,
    permission: 'billing.write',
    params: byId,
    responses: { 204: empty },
    handler: async (ctx, { params }) => {
      await deleteCoupon(ctx, params.id);
      return noContent();
    },
  }),
];

export const billingRoutes = [...shop, ...taxes, ...coupons];
