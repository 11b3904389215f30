import { z } from 'zod';
import { listAuditEvents } from '../../../db/queries/audit.ts';
import { ok, route } from '../../http/route.ts';
import { presentEvent } from './present/audit.ts';
import { presentPage } from './present/common.ts';
import { AuditEvent, listOf, pageQuery, sought, uuid } from './schemas/index.ts';

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const name = sought(300);

export const auditRoutes = [
  route({
    method: 'get',
    path: '/audit',
    summary: 'Who changed what, and when',
    tag: 'Audit',
    permission: 'audit.read',
    query: z.strictObject({
      ...pageQuery,
      actorId: uuid.optional(),
      /** What the action begins with: order, order.created. */
      type: z
        .string()
        .regex(/^[a-z_.]{1,100}$/, 'the beginning of an action like order.created')
        .optional(),
      resourceType: name.optional(),
      resourceId: name.optional(),
      since: moment.optional(),
      until: moment.optional(),
    }),
    responses: { 200: listOf(AuditEvent) },
    handler: async (ctx, { query: { page, pageSize, sort, ...filter } }) =>
      ok(presentPage(await listAuditEvents(ctx.em, ctx.scope, filter, { page, pageSize, sort }), presentEvent)),
  }),
];
