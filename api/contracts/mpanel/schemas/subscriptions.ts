import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { BillingCycle, currency, money, nullableTime, timestamp, uuid } from './common.ts';

export const Subscription = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    productId: uuid,
    resourceId: uuid,
    status: z.enum(states.SUBSCRIPTION_STATUS),
    billingCycle: BillingCycle,
    price: money,
    pricesIncludeTax: z.boolean(),
    currency,
    startsAt: nullableTime,
    renewsAt: nullableTime,
    cancelAtPeriodEnd: z.boolean(),
    createdAt: timestamp,
  })
  .meta({ id: 'Subscription' });
