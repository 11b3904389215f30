import { z } from 'zod';
import { toMillionths } from '../../../core/pricing/rate.ts';
import { TaxRate as TaxRateRow, Tenant } from '../../../db/entities/index.ts';
import { listOnSale } from '../../../db/queries/products.ts';
import { findRow, listRows, withTenant } from '../../../db/queries/rows.ts';
import { created, noContent, ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { changeBillingSettings, settingsOf } from '../../usecases/billing/settings.ts';
import { addTaxRate, removeTaxRate } from '../../usecases/billing/tax-rates.ts';
import { presentTaxRate } from './present/billing.ts';
import { presentPage } from './present/common.ts';
import { presentOffer } from './present/ordering.ts';
import {
  BillingAddon,
  BillingPlan,
  BillingSettings,
  byId,
  empty,
  listOf,
  NewTaxRate,
  pageQuery,
  TaxRate,
} from './schemas.ts';

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
    body: BillingSettings.partial(),
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

export const billingRoutes = [...shop, ...taxes];
