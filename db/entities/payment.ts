import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { createdAt, id, minor, updatedAt } from './base.ts';
import { Invoice } from './ordering.ts';
import { tenantId } from './tenant.ts';

const invoiceId = () => p.manyToOne(Invoice).mapToPk().joinColumn('invoice_id');

/** A Stripe Checkout session. The row is written before Stripe is asked; its id makes the idempotency key. */
export const CheckoutSession = defineEntity({
  name: 'CheckoutSession',
  indexes: [{ properties: ['invoiceId'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    invoiceId: invoiceId(),
    /** cs_…; null until Stripe has answered. */
    stripeId: p.text().nullable().unique(),
    url: p.text().nullable(),
    successUrl: p.text(),
    cancelUrl: p.text(),
    status: p.enum(['opening', 'open', 'complete', 'expired'] as const).default('opening'),
    expiresAt: p.datetime(3),
    createdAt: createdAt(),
  },
});
export type CheckoutSession = InferEntity<typeof CheckoutSession>;

/** Money that came in. A surplus one (second session, after cancellation) goes back whole. */
export const Payment = defineEntity({
  name: 'Payment',
  indexes: [{ properties: ['invoiceId'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    invoiceId: invoiceId(),
    provider: p.enum(['stripe', 'offline'] as const),
    /** pi_… of Stripe, the operator's reference for an offline one. */
    reference: p.text().unique(),
    amount: minor(),
    currency: p.string().length(3),
    surplus: p.boolean().default(false),
    createdAt: createdAt(),
  },
});
export type Payment = InferEntity<typeof Payment>;

/**
 * Money that goes back. `key` says for what, once: item/<id>, invoice/<id>, vat/<invoice>, surplus/<payment>. All but the
 * last are credit notes: they take back some of what was invoiced.
 */
export const Refund = defineEntity({
  name: 'Refund',
  uniques: [{ properties: ['paymentId', 'key'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    paymentId: p.manyToOne(Payment).mapToPk().joinColumn('payment_id').index(false),
    key: p.text(),
    amount: minor(),
    /** Of the amount. */
    tax: minor().default(0),
    reason: p.text(),
    status: p.enum(['pending', 'succeeded', 'failed'] as const).default('pending'),
    /** re_… */
    stripeId: p.text().nullable(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
});
export type Refund = InferEntity<typeof Refund>;

/** A verified webhook event, stored once. `invoiceId` stays null where we do not know what it is about. */
export const StripeEvent = defineEntity({
  name: 'StripeEvent',
  properties: {
    /** evt_… */
    id: p.text().primary(),
    type: p.text(),
    invoiceId: p.uuid().nullable().index(),
    payload: p.json<Record<string, unknown>>(),
    receivedAt: createdAt(),
  },
});
export type StripeEvent = InferEntity<typeof StripeEvent>;
