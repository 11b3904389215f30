import { z } from 'zod';
import { listOnSale } from '../../../db/queries/products.ts';
import { ok, route } from '../../http/route.ts';
import { presentPage } from './present/common.ts';
import { presentOffer } from './present/ordering.ts';
import { BillingAddon, BillingPlan, listOf, pageQuery } from './schemas.ts';

const tag = 'Billing';

/** What can be bought by itself, and what is bought for it: products on sale, seen from the shop. */
export const billingRoutes = [
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
