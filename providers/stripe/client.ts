import Stripe from 'stripe';
import { type Effect, failure } from './failure.ts';
import * as history from './history.ts';
import { once } from './once.ts';
import type { CheckoutRequest, Payments, RefundRequest, RefundView } from './port.ts';
import { toStripe } from './units.ts';
import { checkoutView, refundView } from './views.ts';

export interface StripeConfig {
  /** Where another than the real one answers; `http://127.0.0.1:4242` without a path. */
  apiUrl?: string | undefined;
  secretKey: string;
  /** How long a connection may stay silent. */
  timeoutMs: number;
}

const LONGEST_METADATA = 500;

/** Payments over the official SDK, pinned to its API version (2026-10-28.endive). */
export function createPayments(config: StripeConfig): Payments {
  const stripe = new Stripe(config.secretKey, {
    ...(config.apiUrl ? address(config.apiUrl) : {}),
    maxNetworkRetries: 0,
    timeout: config.timeoutMs,
    telemetry: false,
  });
  const { sessions } = stripe.checkout;

  // Reads tell their own failures, also inside a write: there they mean that nothing has been written.
  const read = (id: string) =>
    told('readCheckout', 'read', () => sessions.retrieve(id).then(checkoutView, absentIsUndefined));

  const refunds = (paymentIntent: string) =>
    told('refunds', 'read', async () => {
      const all: RefundView[] = [];
      for await (const refund of stripe.refunds.list({ payment_intent: paymentIntent, limit: 100 }))
        all.push(refundView(refund));
      return all;
    });

  return {
    createCheckout: (request) =>
      told('createCheckout', 'write', () =>
        once(
          request.key,
          // A session that nobody was told of harms nobody: its address is lost, and it expires.
          async () => undefined,
          async (idempotencyKey) => checkoutView(await sessions.create(sessionOf(request), { idempotencyKey })),
        ),
      ),

    readCheckout: read,

    expireCheckout: (id) =>
      told('expireCheckout', 'write', async () => {
        try {
          return checkoutView(await sessions.expire(id));
        } catch (error) {
          const now = refused(error) ? await read(id) : undefined;
          if (!now || now.status === 'open') throw error;
          return now;
        }
      }),

    refund: (request) =>
      told('refund', 'write', () =>
        once(
          request.key,
          async () => (await refunds(request.paymentIntent)).find(({ key }) => key === request.key),
          async (idempotencyKey) => refundView(await stripe.refunds.create(refundOf(request), { idempotencyKey })),
        ),
      ),

    refunds,

    charges: (since) => toldOf('charges', history.charges(stripe, since)),
    refundsSince: (since) => toldOf('refundsSince', history.refundsSince(stripe, since)),
    chargeOf: (paymentIntent) => told('chargeOf', 'read', () => history.chargeOf(stripe, paymentIntent)),
    readRefund: (id) => told('readRefund', 'read', () => history.readRefund(stripe, id)),
  };
}

function address(apiUrl: string): { host: string; port: number; protocol: 'http' | 'https' } {
  const { hostname, port, protocol } = new URL(apiUrl);
  const secure = protocol === 'https:';
  return { host: hostname, port: Number(port || (secure ? 443 : 80)), protocol: secure ? 'https' : 'http' };
}

function sessionOf(request: CheckoutRequest): Stripe.Checkout.SessionCreateParams {
  const metadata = { invoiceId: request.invoiceId, orderId: request.orderId, tenantId: request.tenantId };
  return {
    mode: 'payment',
    client_reference_id: request.invoiceId,
    customer_email: request.customerEmail,
    line_items: request.lines.map(({ description, unitAmount, quantity }) => ({
      quantity,
      price_data: {
        currency: request.currency,
        unit_amount: toStripe(unitAmount, request.currency),
        product_data: { name: description },
      },
    })),
    metadata,
    // The intent does not inherit the session's metadata. The card is kept to charge renewals with.
    payment_intent_data: { metadata, setup_future_usage: 'off_session' },
    success_url: request.successUrl,
    cancel_url: request.cancelUrl,
    expires_at: Math.floor(request.expiresAt.getTime() / 1000),
  };
}

function refundOf({ key, paymentIntent, amount, currency, reason }: RefundRequest): Stripe.RefundCreateParams {
  return {
    payment_intent: paymentIntent,
    amount: toStripe(amount, currency),
    reason: 'requested_by_customer',
    metadata: { key, reason: reason.slice(0, LONGEST_METADATA) },
  };
}

async function told<T>(operation: string, effect: Effect, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw failure(operation, effect, error);
  }
}

async function* toldOf<T>(operation: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw failure(operation, 'read', error);
  }
}

const refused = (error: unknown) =>
  error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode === 400;

function absentIsUndefined(error: unknown): undefined {
  if (error instanceof Stripe.errors.StripeError && error.code === 'resource_missing') return undefined;
  throw error;
}
