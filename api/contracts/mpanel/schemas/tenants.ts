import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { Address, timestamp, uuid } from './common.ts';

export const Tenant = z
  .strictObject({ id: uuid, name: z.string(), status: z.enum(states.TENANT_STATUS), createdAt: timestamp })
  .meta({ id: 'Tenant' });

export const Customer = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    name: z.string(),
    email: z.string(),
    phone: z.string().nullable(),
    address: Address.nullable(),
    vatId: z.string().nullable(),
    vatStatus: z.enum(states.VAT_STATUS).nullable(),
    status: z.enum(states.CUSTOMER_STATUS),
    createdAt: timestamp,
  })
  .meta({ id: 'Customer' });
