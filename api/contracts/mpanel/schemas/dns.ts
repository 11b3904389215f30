import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { nullableUuid, timestamp, uuid } from './common.ts';

export const DnsZone = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: nullableUuid,
    domainId: nullableUuid,
    domain: z.string(),
    provider: z.string(),
    status: z.enum(states.ZONE_STATUS),
    createdAt: timestamp,
  })
  .meta({ id: 'DnsZone' });

export const DnsRecord = z
  .strictObject({
    id: uuid,
    zoneId: uuid,
    type: z.string(),
    name: z.string(),
    content: z.string(),
    ttl: z.number().int(),
    priority: z.number().int().nullable(),
    /** What of the platform needs it, e.g. instance/<id>; such a record is not edited by hand. */
    managedBy: z.string().nullable(),
    createdAt: timestamp,
  })
  .meta({ id: 'DnsRecord' });
