import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { ITEM_CONFIG } from '../../../usecases/orders/item-config.ts';
import { BillingCycle, currency, money, nullableTime, nullableUuid, oneOfTypes, timestamp, uuid } from './common.ts';
import { InvoiceSummary } from './invoices.ts';

/** What /docs offers to try; the ids are to be replaced. */
const EXAMPLE = {
  customerId: '01a20000-0000-7000-8000-000000000001',
  items: [
    { productId: '01a20000-0000-7000-8000-000000000002', billingCycle: 'monthly', config: { name: 'web-1' } },
    { productId: '01a20000-0000-7000-8000-000000000003', billingCycle: 'yearly', config: { domain: 'example.com' } },
  ],
};

export const OrderItem = z
  .strictObject({
    id: uuid,
    productId: uuid,
    parentItemId: nullableUuid,
    type: z.enum(states.PRODUCT_TYPES),
    description: z.string(),
    billingCycle: BillingCycle,
    price: money,
    discount: money,
    tax: money,
    /** What is paid for it, and what goes back when it is not delivered. */
    charged: money,
    status: z.enum(states.ITEM_STATUS),
    /** The CloudPod, domain, e-mail domain or add-on that delivers it. */
    resourceId: uuid,
    reason: z.string().nullable(),
  })
  .meta({ id: 'OrderItem' });

export const Order = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    status: z.enum(states.ORDER_STATUS),
    total: money,
    currency,
    couponCode: z.string().nullable(),
    paymentDueAt: timestamp,
    jobId: uuid,
    invoiceId: uuid,
    items: z.array(OrderItem),
    createdAt: timestamp,
    endedAt: nullableTime,
  })
  .meta({ id: 'Order' });

export const PlacedOrder = z.strictObject({ order: Order, invoice: InvoiceSummary }).meta({ id: 'PlacedOrder' });

/** Where a customer asked for something that costs money: what has to be paid first. */
export const orderOfIt = {
  order: z.strictObject({ id: uuid, status: z.enum(states.ORDER_STATUS), total: money, currency }).optional(),
  invoice: InvoiceSummary.optional(),
};

const quantity = z.number().int().min(1).max(20);

export const NewOrder = z
  .strictObject({
    customerId: uuid,
    items: z
      .array(
        z.strictObject({
          productId: uuid,
          billingCycle: BillingCycle,
          quantity: quantity.default(1),
          /** By the product's type. */
          config: oneOfTypes(ITEM_CONFIG).optional(),
          addons: z
            .array(z.strictObject({ productId: uuid, quantity: quantity.default(1) }))
            .max(10)
            .optional(),
        }),
      )
      .min(1)
      .max(50),
    couponCode: z.string().min(1).max(60).optional(),
  })
  .meta({ id: 'NewOrder', examples: [EXAMPLE] });
