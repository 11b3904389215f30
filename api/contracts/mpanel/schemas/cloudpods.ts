import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { nullableUuid, timestamp, uuid } from './common.ts';

export const CloudPod = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    subscriptionId: nullableUuid,
    productId: uuid,
    name: z.string(),
    status: z.enum(states.INSTANCE_STATUS),
    kind: z.enum(['qemu', 'lxc']),
    template: z.string(),
    image: z.string(),
    hostname: z.string(),
    cpu: z.number().int(),
    ramMb: z.number().int(),
    diskGb: z.number().int(),
    ipv4: z.string().nullable(),
    ipv6: z.string().nullable(),
    createdAt: timestamp,
  })
  .meta({ id: 'CloudPod' });
