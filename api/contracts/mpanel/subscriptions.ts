import { z } from 'zod';
import { PRODUCT_TYPES, SUBSCRIPTION_STATUS } from '../../../core/states.ts';
import { findSubscription, listSubscriptions } from '../../../db/queries/subscriptions.ts';
import { accepted, ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { cancelSubscription } from '../../usecases/subscriptions/cancel.ts';
import { keepSubscription } from '../../usecases/subscriptions/keep.ts';
import { presentPage } from './present/common.ts';
import { presentJobRef } from './present/jobs.ts';
import { presentSubscription } from './present/ordering.ts';
import { byId, JobRef, listOf, pageQuery, Subscription, uuid } from './schemas/index.ts';

const tag = 'Subscriptions';
const permission = 'subscriptions.cancel';
const responses = { 202: z.strictObject({ subscription: Subscription, job: JobRef }) };

export const subscriptionRoutes = [
  route({
    method: 'get',
    path: '/subscriptions',
    summary: 'Subscriptions',
    tag,
    permission: 'subscriptions.read',
    query: z.strictObject({
      ...pageQuery,
      customerId: uuid.optional(),
      status: z.enum(SUBSCRIPTION_STATUS).optional(),
      productType: z.enum(PRODUCT_TYPES).optional(),
    }),
    responses: { 200: listOf(Subscription) },
    handler: async (ctx, { query: { customerId, status, productType, ...page } }) => {
      const rows = await listSubscriptions(ctx.em, ctx.scope, { customerId, status, productType }, page);
      return ok(presentPage(rows, presentSubscription));
    },
  }),
  route({
    method: 'get',
    path: '/subscriptions/:id',
    summary: 'One subscription',
    tag,
    permission: 'subscriptions.read',
    params: byId,
    responses: { 200: Subscription },
    handler: async (ctx, { params }) =>
      ok(presentSubscription(seen(ctx, await findSubscription(ctx.em, ctx.scope, params.id)))),
  }),
  route({
    method: 'post',
    path: '/subscriptions/:id/cancel',
    summary: 'End it, at the end of what is paid or now',
    tag,
    permission,
    params: byId,
    body: z.strictObject({ cancelAtPeriodEnd: z.boolean() }),
    responses,
    handler: async (ctx, { params, body }) => {
      const { subscription, job } = await cancelSubscription(ctx, params.id, body.cancelAtPeriodEnd);
      return accepted({ subscription: presentSubscription(subscription), job: presentJobRef(job) });
    },
  }),
  route({
    method: 'post',
    path: '/subscriptions/:id/keep',
    summary: 'Take its cancellation back',
    tag,
    permission,
    params: byId,
    responses,
    handler: async (ctx, { params }) => {
      const { subscription, job } = await keepSubscription(ctx, params.id);
      return accepted({ subscription: presentSubscription(subscription), job: presentJobRef(job) });
    },
  }),
];
