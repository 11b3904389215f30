import { z } from 'zod';
import { toMinor } from '../../../core/money.ts';
import { PRODUCT_TYPES } from '../../../core/states.ts';
import { findProduct, listProducts } from '../../../db/queries/products.ts';
import { created, noContent, ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { createProduct } from '../../usecases/products/create.ts';
import { deleteProduct } from '../../usecases/products/remove.ts';
import { updateProduct } from '../../usecases/products/update.ts';
import { presentPage } from './present/common.ts';
import { presentProduct } from './present/ordering.ts';
import { byId, empty, listOf, NewProduct, Product, ProductChanges, pageQuery } from './schemas/index.ts';

const tag = 'Products';
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** Decimal prices of the contract in the minor units of the core. */
const priced = (prices: z.infer<typeof NewProduct>['billingCycles']) =>
  prices.map(({ cycle, price, currency }) => ({ cycle, amount: toMinor(price, currency), currency }));

export const productRoutes = [
  route({
    method: 'get',
    path: '/products',
    summary: 'Products',
    tag,
    permission: 'products.read',
    query: z.strictObject({ ...pageQuery, type: z.enum(PRODUCT_TYPES).optional(), activeOnly: flag.optional() }),
    responses: { 200: listOf(Product) },
    handler: async (ctx, { query }) =>
      ok(presentPage(await listProducts(ctx.em, ctx.scope, query, query), presentProduct)),
  }),
  route({
    method: 'get',
    path: '/products/:id',
    summary: 'One product',
    tag,
    permission: 'products.read',
    params: byId,
    responses: { 200: Product },
    handler: async (ctx, { params }) => ok(presentProduct(seen(ctx, await findProduct(ctx.em, ctx.scope, params.id)))),
  }),
  route({
    method: 'post',
    path: '/products',
    summary: 'Create a product',
    tag,
    permission: 'products.write',
    body: NewProduct,
    responses: { 201: Product },
    handler: async (ctx, { body }) =>
      created(presentProduct(await createProduct(ctx, { ...body, billingCycles: priced(body.billingCycles) }))),
  }),
  route({
    method: 'put',
    path: '/products/:id',
    summary: 'Change a product; what was sold keeps its price and plan',
    tag,
    permission: 'products.write',
    params: byId,
    body: ProductChanges,
    responses: { 200: Product },
    handler: async (ctx, { params, body: { billingCycles, ...rest } }) => {
      const changes = { ...rest, ...(billingCycles ? { billingCycles: priced(billingCycles) } : {}) };
      return ok(presentProduct(await updateProduct(ctx, params.id, changes)));
    },
  }),
  route({
    method: 'delete',
    path: '/products/:id',
    summary: 'Delete a product that was never sold',
    tag,
    permission: 'products.write',
    params: byId,
    responses: { 204: empty },
    handler: async (ctx, { params }) => {
      await deleteProduct(ctx, params.id);
      return noContent();
    },
  }),
];
