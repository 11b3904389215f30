import type { EntityManager } from '@mikro-orm/postgresql';
import { newId } from '../../runtime/ids.ts';
import { AuditDraft, AuditEvent } from '../entities/index.ts';
import { listRows, type PageQuery, type Scope, withTenant } from './rows.ts';

export interface AuditFields {
  /** Null for what belongs to the platform itself. */
  tenantId: string | null;
  /** noun.verb in the past: order.created */
  action: string;
  resourceType: string;
  resourceId: string;
  /** What the change of the resource does not show by itself; never a secret. */
  metadata?: Record<string, unknown>;
}

/**
 * Names what the transaction does. Who does it is told by db/acting.ts, what changed is seen by the database, and at the
 * commit it becomes an event of the log. Answers the event's id.
 */
export function audit(em: EntityManager, { metadata = {}, ...fields }: AuditFields): string {
  const id = newId();
  em.persist(em.create(AuditDraft, { id, ...fields, metadata }));
  return id;
}

export interface AuditFilter {
  actorId?: string | undefined;
  /** What the action begins with. */
  type?: string | undefined;
  resourceType?: string | undefined;
  resourceId?: string | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}

/** Both ends count. */
export function listAuditEvents(
  em: EntityManager,
  { tenantId }: Scope,
  { type, since, until, ...same }: AuditFilter,
  page: PageQuery,
) {
  const createdAt = (since || until) && { ...(since && { $gte: since }), ...(until && { $lte: until }) };
  return listRows(
    em,
    AuditEvent,
    withTenant({ tenantId, customerId: null }, { ...same, createdAt, action: type && startingWith(type) }),
    page,
  );
}

/** As a range, which an index answers under the policies too; no action has a character beyond ~. */
const startingWith = (prefix: string) => ({ $gte: prefix, $lt: `${prefix}~` });
