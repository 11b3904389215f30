import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { nullableUuid, timestamp, uuid } from './common.ts';

const columns = z.record(z.string(), z.unknown()).nullable();

/** Declared: actorType, before, after, requestId, address, and its place in the chain. */
export const AuditEvent = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    actorType: z.enum(states.ACTOR_TYPES),
    actorId: nullableUuid,
    action: z.string(),
    resourceType: z.string(),
    resourceId: z.string(),
    metadata: z.record(z.string(), z.unknown()),
    before: columns,
    after: columns,
    requestId: z.string().nullable(),
    address: z.string().nullable(),
    createdAt: timestamp,
    seq: z.number().int(),
    prevHash: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEvent' });
