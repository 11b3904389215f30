import Stripe from 'stripe';
import { StripeEvent } from '../../db/entities/index.ts';
import { type Api, WEBHOOK_SECRET } from './support.ts';

const stripe = new Stripe('sk_test_x');

export const event = (id: string, object: object, type = 'checkout.session.completed') =>
  JSON.stringify({ id, object: 'event', type, created: 1, data: { object } });

export const signed = (payload: string) =>
  stripe.webhooks.generateTestHeaderString({ payload, secret: WEBHOOK_SECRET });

/** Stripe, as the webhook meets it. */
export const stripeAt = (api: Api) => ({
  send: (raw: string, signature = signed(raw)) =>
    api.anyone('POST', '/api/payments/stripe/webhook', {
      raw,
      headers: {
        'content-type': 'application/json',
        'stripe-signature': signature,
      },
    }),
  stored: (id: string) => api.orm.em.fork().findOne(StripeEvent, { id }),
});
