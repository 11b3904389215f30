import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { ACTOR_TYPES } from '../../core/states.ts';
import { createdAt, id } from './base.ts';

/** The chain of the platform's own events: no tenant has this id. */
export const PLATFORM_CHAIN = '00000000-0000-0000-0000-000000000000';

// No foreign key: the log outlives what it tells of, and sealing it waits for no other row's lock.
const tenantId = () => p.uuid().nullable();

const told = () => ({
  action: p.text().collation('C'),
  resourceType: p.text(),
  resourceId: p.text(),
  metadata: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
  /** Columns that changed, or all of a row that came or went. */
  before: p.json<Record<string, unknown>>().nullable(),
  after: p.json<Record<string, unknown>>().nullable(),
});

/** Who changed what. Written by the database alone, at the commit of the change: docs/audit.md. */
export const AuditEvent = defineEntity({
  name: 'AuditEvent',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    { properties: ['tenantId', 'action'] },
    { properties: ['tenantId', 'actorId', 'createdAt', 'id'] },
    { properties: ['tenantId', 'resourceType', 'createdAt', 'id'] },
    { properties: ['tenantId', 'resourceId', 'createdAt', 'id'] },
  ],
  uniques: [
    {
      name: 'audit_event_chain',
      expression: `create unique index audit_event_chain on audit_event (coalesce(tenant_id, '${PLATFORM_CHAIN}'::uuid), seq)`,
    },
  ],
  properties: {
    id: id(),
    /** Null for what belongs to the platform itself. */
    tenantId: tenantId(),
    /** Place in its tenant's chain: from 1, without gaps. */
    seq: p.bigint('number'),
    actorType: p.enum(ACTOR_TYPES),
    /** A user or a key, where one acted. */
    actorId: p.uuid().nullable(),
    ...told(),
    /** Of the request, the job or the command. */
    requestId: p.text().nullable(),
    address: p.text().nullable(),
    createdAt: createdAt(),
    /** Of the event before it in the chain; empty for the first. */
    prevHash: p.text(),
    /** SHA-256 in hexadecimal: db/queries/audit-chain.ts. */
    hash: p.text(),
  },
});
export type AuditEvent = InferEntity<typeof AuditEvent>;

/** What an open transaction will have told at its commit. No other transaction ever sees a row here. */
export const AuditDraft = defineEntity({
  name: 'AuditDraft',
  indexes: [{ properties: ['tx'] }],
  uniques: [
    {
      name: 'audit_draft_noted',
      expression: 'create unique index audit_draft_noted on audit_draft (tx, resource_type, resource_id) where noted',
    },
  ],
  properties: {
    id: id(),
    tx: p.text().columnType('xid8').defaultRaw('pg_current_xact_id()'),
    tenantId: tenantId(),
    ...told(),
    /** A change that the database saw, rather than one that the code named. */
    noted: p.boolean().default(false),
  },
});
export type AuditDraft = InferEntity<typeof AuditDraft>;

/** Where each chain ends. */
export const AuditHead = defineEntity({
  name: 'AuditHead',
  properties: { chain: p.uuid().primary(), seq: p.bigint('number').default(0), hash: p.text().default('') },
});
export type AuditHead = InferEntity<typeof AuditHead>;
