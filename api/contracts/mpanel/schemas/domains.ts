import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { currency, money, nullableTime, timestamp, uuid } from './common.ts';

export const Domain = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    domain: z.string(),
    status: z.enum(states.DOMAIN_STATUS),
    years: z.number().int(),
    nameservers: z.array(z.string()),
    registeredAt: nullableTime,
    expiresAt: nullableTime,
    autoRenew: z.boolean(),
    createdAt: timestamp,
  })
  .meta({ id: 'Domain' });

export const DomainOffer = z
  .strictObject({
    query: z.string(),
    available: z.boolean(),
    /** Null for a top-level domain that is not sold here. */
    price: z.strictObject({ register: money, renew: money, transfer: money, currency }).nullable(),
    /** Why it is not available. */
    reason: z.string().nullable(),
  })
  .meta({ id: 'DomainOffer' });
