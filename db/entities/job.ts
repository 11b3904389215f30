import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { EVENT_LEVELS, JOB_STATUS, MAILED_RIGHTS, STEP_STATUS } from '../../core/states.ts';
import { createdAt, id, updatedAt } from './base.ts';
import { tenantId } from './tenant.ts';

/** What the outside sees of one workflow run. Written by the run itself as it goes; never by a reader. */
export const Job = defineEntity({
  name: 'Job',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    { properties: ['tenantId', 'status', 'createdAt', 'id'] },
    { properties: ['tenantId', 'type', 'createdAt', 'id'] },
    { properties: ['customerId', 'createdAt', 'id', 'tenantId'] },
    { properties: ['targetId', 'createdAt', 'id', 'tenantId'] },
    { properties: ['parentJobId', 'createdAt', 'id', 'tenantId'] },
    { properties: ['orderId'] },
    { properties: ['status'] },
  ],
  uniques: [{ properties: ['workflowId'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    customerId: p.uuid().nullable(),
    type: p.text(),
    status: p.enum(JOB_STATUS).default('pending'),
    targetId: p.uuid(),
    parentJobId: p.uuid().nullable(),
    orderId: p.uuid().nullable(),
    workflowId: p.text(),
    /** Where it stands, and what it waits for in words, while blocked or undoing. */
    step: p.text().nullable(),
    reason: p.text().nullable(),
    /** Why it is being undone, from when that began. */
    undoing: p.text().nullable(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    endedAt: p.datetime(3).nullable(),
  },
});
export type Job = InferEntity<typeof Job>;

export const JobStep = defineEntity({
  name: 'JobStep',
  properties: {
    jobId: p.manyToOne(Job).mapToPk().joinColumn('job_id').primary(),
    name: p.text().primary(),
    position: p.integer(),
    status: p.enum(STEP_STATUS).default('pending'),
    /** Attempts of the last round; a retry by an operator starts a new round. */
    attempt: p.integer().default(0),
    /** The last failure, in words. */
    error: p.text().nullable(),
    /** What can be decided about it while it is blocked. */
    decisions: p.json<string[]>().nullable(),
    startedAt: p.datetime(3).nullable(),
    endedAt: p.datetime(3).nullable(),
  },
});
export type JobStep = InferEntity<typeof JobStep>;

/** A workflow start or signal that belongs to the transaction it is written in. Sent at once where it goes, else by the dispatcher. */
export const Outbox = defineEntity({
  name: 'Outbox',
  indexes: [{ name: 'outbox_due', expression: `create index outbox_due on outbox (next_at) where state = 'pending'` }],
  uniques: [{ properties: ['workflowId', 'kind', 'eventId'] }],
  properties: {
    id: id(),
    /** Whose change it belongs to; null for the platform's. */
    tenantId: p.uuid().nullable(),
    workflowId: p.text(),
    kind: p.enum(['start', 'signal'] as const),
    /** What makes a repeat a repeat: the id of the event that a signal tells of, the workflow's name for a start. */
    eventId: p.text(),
    /** Workflow type or signal name. */
    name: p.text(),
    args: p.json<unknown[]>(),
    /** Search attributes and summary of a start. */
    options: p.json<Record<string, unknown>>().nullable(),
    state: p.enum(['pending', 'sent', 'dead'] as const).default('pending'),
    attempts: p.integer().default(0),
    nextAt: p.datetime(3).defaultRaw('now()'),
    error: p.text().nullable(),
    createdAt: createdAt(),
  },
});
export type Outbox = InferEntity<typeof Outbox>;

/** Something that those who run the platform should know of, once: a job of anybody's that stands still among it. */
export const SystemEvent = defineEntity({
  name: 'SystemEvent',
  indexes: [
    { properties: ['createdAt', 'id'] },
    { properties: ['type', 'createdAt', 'id'] },
    { properties: ['level', 'createdAt', 'id'] },
  ],
  properties: {
    id: id(),
    /** Null where it is nobody's: of the platform itself, or of something unknown. */
    tenantId: tenantId().nullable(),
    /** noun.what: payment.unknown_invoice */
    type: p.text(),
    level: p.enum(EVENT_LEVELS),
    /** What it is about, so that it is told once. */
    key: p.text(),
    /** In words for operators; never a secret. */
    message: p.text(),
    data: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    createdAt: createdAt(),
  },
  uniques: [{ properties: ['type', 'key'] }],
});
export type SystemEvent = InferEntity<typeof SystemEvent>;

/** The answer to a POST with an Idempotency-Key, kept for 24 hours. `status` is null while the first one is still at work. */
export const IdempotencyKey = defineEntity({
  name: 'IdempotencyKey',
  indexes: [{ properties: ['createdAt'] }],
  properties: {
    tenantId: tenantId().primary(),
    callerId: p.uuid().primary(),
    key: p.text().primary(),
    /** SHA-256 of method, path and body. */
    fingerprint: p.text(),
    status: p.integer().nullable(),
    body: p.text().nullable(),
    createdAt: createdAt(),
  },
});
export type IdempotencyKey = InferEntity<typeof IdempotencyKey>;

/** A sealed value: AES-256-GCM, never in a workflow, a log or an answer but the reveal. */
export const Secret = defineEntity({
  name: 'Secret',
  properties: {
    id: id(),
    tenantId: tenantId().nullable(),
    purpose: p.text(),
    /** Which seal key. */
    keyId: p.text(),
    /** nonce ‖ ciphertext ‖ tag */
    sealed: p.blob(),
    revealedAt: p.datetime(3).nullable(),
    createdAt: createdAt(),
  },
});
export type Secret = InferEntity<typeof Secret>;

/** In the text of a mail: the place of a link that is made when the mail is sent. */
export const LINK = '{link}';

/** A mail of ours, once per template and occasion. */
export const Notification = defineEntity({
  name: 'Notification',
  indexes: [{ properties: ['tenantId', 'createdAt'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    /** template/entity[/period] */
    key: p.text().unique(),
    recipient: p.text(),
    subject: p.text(),
    text: p.text(),
    /** Where `text` has {@link LINK}: whose password the link in its place lets set. */
    userId: p.uuid().nullable(),
    right: p.enum(MAILED_RIGHTS).nullable(),
    sentAt: p.datetime(3).nullable(),
    /** In the relay's words, where it will never take this mail. */
    refusal: p.text().nullable(),
    createdAt: createdAt(),
  },
});
export type Notification = InferEntity<typeof Notification>;

/** What a worker last saw of an outside system, for /status. */
export const ProviderProbe = defineEntity({
  name: 'ProviderProbe',
  properties: { name: p.text().primary(), ok: p.boolean(), detail: p.text(), checkedAt: p.datetime(3) },
});
export type ProviderProbe = InferEntity<typeof ProviderProbe>;
