import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { currency, money, nullableTime, nullableUuid, percent, timestamp, uuid } from './common.ts';

export const Invoice = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    orderId: nullableUuid,
    subscriptionId: nullableUuid,
    periodStart: nullableTime,
    periodEnd: nullableTime,
    dueAt: nullableTime,
    status: z.enum(states.INVOICE_STATUS),
    currency,
    pricesIncludeTax: z.boolean(),
    /** The buyer owes the tax. */
    reverseCharge: z.boolean(),
    items: z.array(
      z.strictObject({
        description: z.string(),
        quantity: z.number().int(),
        unitPrice: money,
        /** As listed: quantity × unitPrice. */
        total: money,
        discount: money,
        net: money,
        taxRate: percent,
        tax: money,
      }),
    ),
    discount: money,
    /** After the discount, without tax. */
    subtotal: money,
    tax: money,
    total: money,
    amountRefunded: money,
    taxCredited: money,
    /** What was taken back of the invoice, the oldest first. */
    creditNotes: z.array(
      z.strictObject({
        id: uuid,
        reason: z.string(),
        net: money,
        tax: money,
        total: money,
        /** Whether the money has left. */
        refundStatus: z.enum(['pending', 'succeeded', 'failed']),
        createdAt: timestamp,
      }),
    ),
    paidAt: nullableTime,
    createdAt: timestamp,
  })
  .meta({ id: 'Invoice' });

export const InvoiceSummary = z
  .strictObject({ id: uuid, status: z.enum(states.INVOICE_STATUS), amount: money })
  .meta({ id: 'InvoiceSummary' });

export const CheckoutSession = z
  .strictObject({ provider: z.literal('stripe'), sessionId: z.string(), checkoutUrl: z.string() })
  .meta({ id: 'CheckoutSession' });
