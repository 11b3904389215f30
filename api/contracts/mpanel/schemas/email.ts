import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { nullableUuid, timestamp, uuid } from './common.ts';

export const EmailDomain = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    domainId: nullableUuid,
    productId: uuid,
    domain: z.string(),
    status: z.enum(states.EMAIL_STATUS),
    dkimSelector: z.string(),
    createdAt: timestamp,
  })
  .meta({ id: 'EmailDomain' });

export const Mailbox = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    emailDomainId: uuid,
    localPart: z.string(),
    quotaMb: z.number().int(),
    status: z.enum(states.MAILBOX_STATUS),
    createdAt: timestamp,
  })
  .meta({ id: 'Mailbox' });
