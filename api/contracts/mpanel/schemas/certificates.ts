import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { nullableTime, nullableUuid, timestamp, uuid } from './common.ts';

export const Certificate = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    domain: z.string(),
    type: z.literal('letsencrypt'),
    targetId: nullableUuid,
    status: z.enum(states.CERTIFICATE_STATUS),
    serial: z.string().nullable(),
    notBefore: nullableTime,
    notAfter: nullableTime,
    createdAt: timestamp,
  })
  .meta({ id: 'Certificate' });
