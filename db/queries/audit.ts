import type { EntityManager } from '@mikro-orm/postgresql';
import { newId } from '../../runtime/ids.ts';
import { AuditEvent } from '../entities/index.ts';

export interface AuditFields {
  tenantId: string;
  /** Null where the platform itself acted. */
  actorId: string | null;
  /** noun.verb in the past: order.created */
  action: string;
  resourceType: string;
  resourceId: string;
  /** What changed; never a secret. */
  metadata?: Record<string, unknown>;
  requestId?: string | null;
  address?: string | null;
}

/** Writes the audit row in the transaction of the change it tells of. Answers its id. */
export function audit(em: EntityManager, fields: AuditFields): string {
  const id = newId();
  em.persist(em.create(AuditEvent, { id, ...fields, metadata: fields.metadata ?? {} }));
  return id;
}
