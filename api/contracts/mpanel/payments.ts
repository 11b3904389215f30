import { z } from 'zod';
import { ok, publicRoute, route } from '../../http/route.ts';
import { openSession } from '../../usecases/payments/open-session.ts';
import { receiveStripeEvent } from '../../usecases/payments/receive-event.ts';
import { CheckoutSession, empty, uuid } from './schemas/index.ts';

const tag = 'Payments';
const pageUrl = z.url({ protocol: /^https?$/ }).max(2000);

export const paymentRoutes = [
  route({
    method: 'post',
    path: '/payments/session',
    summary: 'Open a checkout page for an unpaid invoice, or get the open one',
    tag,
    permission: 'payments.create',
    idempotency: 'answer',
    body: z.strictObject({ invoiceId: uuid, successUrl: pageUrl, cancelUrl: pageUrl }),
    responses: { 200: CheckoutSession },
    handler: async (ctx, { body }) => ok({ provider: 'stripe' as const, ...(await openSession(ctx, body)) }),
  }),
  publicRoute({
    method: 'post',
    path: '/payments/stripe/webhook',
    summary: 'Events of Stripe, signed by it',
    tag,
    raw: true,
    headers: z.strictObject({ 'Stripe-Signature': z.string() }),
    dispatchMs: 150,
    responses: { 200: empty },
    handler: async (ctx, { body, header }) => {
      await receiveStripeEvent(ctx, body, header('stripe-signature'));
      return { status: 200 as const, body: undefined };
    },
  }),
];
