import { findOrder } from '../../../db/queries/orders.ts';
import { created, eventRoute, ok, route } from '../../http/route.ts';
import { feedOf } from '../../realtime/feed.ts';
import { issueTicket } from '../../realtime/ticket.ts';
import { seen } from '../../usecases/access.ts';
import { placeOrder } from '../../usecases/orders/place.ts';
import { presentJobEvent } from './present/jobs.ts';
import { presentInvoiceSummary, presentOrder } from './present/ordering.ts';
import { byId, NewOrder, Order, PlacedOrder, StreamTicket, Told } from './schemas/index.ts';

const tag = 'Orders';

export const orderRoutes = [
  route({
    method: 'post',
    path: '/orders',
    summary: 'Place an order; its invoice is to be paid within the payment window',
    tag,
    permission: 'orders.create',
    body: NewOrder,
    responses: { 201: PlacedOrder },
    handler: async (ctx, { body }) => {
      const view = await placeOrder(ctx, body);
      return created({ order: presentOrder(view), invoice: presentInvoiceSummary(view.invoice) });
    },
  }),
  route({
    method: 'get',
    path: '/orders/:id',
    summary: 'One order',
    tag,
    permission: 'orders.read',
    params: byId,
    responses: { 200: Order },
    handler: async (ctx, { params }) => ok(presentOrder(seen(ctx, await findOrder(ctx.em, ctx.scope, params.id)))),
  }),
  eventRoute({
    path: '/orders/:id/timeline',
    summary: 'What becomes of all jobs of an order, as it happens, from the event after Last-Event-ID on',
    tag,
    permission: 'orders.read',
    params: byId,
    data: Told,
    feed: async (ctx, { params }) => {
      const { order, jobId } = seen(ctx, await findOrder(ctx.em, ctx.scope, params.id));
      return feedOf({ stream: order.id }, jobId, presentJobEvent);
    },
  }),
  route({
    method: 'post',
    path: '/orders/:id/timeline/ticket',
    summary: 'A ticket for its timeline: used once, within a minute, as ?ticket= where no header can be sent',
    tag,
    permission: 'orders.read',
    idempotency: 'none',
    params: byId,
    responses: { 201: StreamTicket },
    handler: async (ctx, { params, header }) => {
      const { order } = seen(ctx, await findOrder(ctx.em, ctx.scope, params.id));
      return created(await issueTicket(ctx, `/orders/${order.id}/timeline`, header));
    },
  }),
];
