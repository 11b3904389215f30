import { findOrder } from '../../../db/queries/orders.ts';
import { created, ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { placeOrder } from '../../usecases/orders/place.ts';
import { presentInvoiceSummary, presentOrder } from './present/ordering.ts';
import { byId, NewOrder, Order, PlacedOrder } from './schemas.ts';

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
];
