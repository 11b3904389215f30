import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { createdAt } from './base.ts';

/**
 * What a job or one of its steps became, written by triggers at the commit of the change. `seq` counts from 1 within a
 * stream without gaps, in the order of commits, so that whoever has read up to one has missed nothing before it.
 */
export const JobEvent = defineEntity({
  name: 'JobEvent',
  indexes: [{ properties: ['createdAt'] }],
  properties: {
    /** The job's order, so that its jobs are one story; a job without one has its own. */
    stream: p.uuid().primary(),
    seq: p.bigint('number').primary(),
    tenantId: p.uuid(),
    jobId: p.uuid(),
    type: p.text(),
    /** Null: of the job itself. */
    step: p.text().nullable(),
    status: p.text(),
    attempt: p.integer().nullable(),
    /** The failure of a step, or what a job waits for. */
    message: p.text().nullable(),
    startedAt: p.datetime(3).nullable(),
    endedAt: p.datetime(3).nullable(),
    createdAt: createdAt(),
  },
});
export type JobEvent = InferEntity<typeof JobEvent>;

/** Stands for the credentials of the request that asked for it: once, soon, at one path. */
export const StreamTicket = defineEntity({
  name: 'StreamTicket',
  indexes: [{ properties: ['expiresAt'] }],
  properties: {
    /** SHA-256 of the ticket in hex. */
    hash: p.text().primary(),
    path: p.text(),
    /** Which seal key. */
    keyId: p.text(),
    /** The credentials. */
    sealed: p.blob(),
    expiresAt: p.datetime(3),
  },
});
export type StreamTicket = InferEntity<typeof StreamTicket>;

/** Calls that were counted under a key until a window ends; only rate_limit_take writes here. */
export const RateLimit = defineEntity({
  name: 'RateLimit',
  indexes: [{ properties: ['endsAt'] }],
  properties: { key: p.text().primary(), used: p.integer(), endsAt: p.datetime(3) },
});
export type RateLimit = InferEntity<typeof RateLimit>;
