import type { z } from 'zod';
import type { AuditEvent as Row } from '../../../../db/entities/index.ts';
import type { AuditEvent } from '../schemas/index.ts';

export function presentEvent({ id, seq, actorType, action, resourceType, resourceId, ...row }: Row) {
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
