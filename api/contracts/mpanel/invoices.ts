import { z } from 'zod';
import { INVOICE_STATUS } from '../../../core/states.ts';
import { findInvoice, listInvoices } from '../../../db/queries/invoices.ts';
import { ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { setInvoiceStatus } from '../../usecases/invoices/set-status.ts';
import { presentPage } from './present/common.ts';
import { presentInvoice } from './present/ordering.ts';
import { byId, Invoice, listOf, pageQuery, uuid } from './schemas/index.ts';

const tag = 'Invoices';
const status = z.enum(INVOICE_STATUS);

export const invoiceRoutes = [
  route({
    method: 'get',
    path: '/invoices',
    summary: 'Invoices',
    tag,
    permission: 'invoices.read',
    query: z.strictObject({ ...pageQuery, customerId: uuid.optional(), status: status.optional() }),
    responses: { 200: listOf(Invoice) },
    handler: async (ctx, { query: { customerId, status: wanted, ...page } }) =>
      ok(presentPage(await listInvoices(ctx.em, ctx.scope, { customerId, status: wanted }, page), presentInvoice)),
  }),
  route({
    method: 'get',
    path: '/invoices/:id',
    summary: 'One invoice',
    tag,
    permission: 'invoices.read',
    params: byId,
    responses: { 200: Invoice },
    handler: async (ctx, { params }) => ok(presentInvoice(seen(ctx, await findInvoice(ctx.em, ctx.scope, params.id)))),
  }),
  route({
    method: 'patch',
    path: '/invoices/:id/status',
    summary:
      'Record an offline payment, call the invoice off, or send its money back (its services run on until they are cancelled)',
    tag,
    permission: 'invoices.settle',
    params: byId,
    body: z.strictObject({ status }),
    responses: { 200: Invoice },
    handler: async (ctx, { params, body }) => ok(presentInvoice(await setInvoiceStatus(ctx, params.id, body.status))),
  }),
];
