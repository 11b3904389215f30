import { z } from 'zod';
import type { AuditEvent as Row } from '../../../db/entities/index.ts';
import { listAuditEvents } from '../../../db/queries/audit.ts';
import { ok, route } from '../../http/route.ts';
import { presentPage } from './present/common.ts';
import { AuditEvent, listOf, pageQuery, uuid } from './schemas.ts';

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const name = z.string().min(1).max(300);

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

function presentEvent({ id, seq, actorType, action, resourceType, resourceId, ...row }: Row) {
  return {
    ...{ id, tenantId: row.tenantId as string, actorType, actorId: row.actorId ?? null },
    ...{ action, resourceType, resourceId, metadata: row.metadata },
    ...{ before: named(row.before), after: named(row.after) },
    ...{ requestId: row.requestId ?? null, address: row.address ?? null, createdAt: row.createdAt.toISOString() },
    ...{ seq, prevHash: row.prevHash, hash: row.hash },
  } satisfies z.infer<typeof AuditEvent>;
}

/** Columns under the names that the rest of the API has for them. */
function named(columns: Record<string, unknown> | null | undefined): Record<string, unknown> | null {
  if (!columns) return null;
  const camel = (column: string) => column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(columns).map(([column, value]) => [camel(column), value]));
}
