import type Stripe from 'stripe';
import type { CheckoutView, RefundView } from './port.ts';
import { fromStripe } from './units.ts';

const ENDED = ['complete', 'expired'] as const;

export function checkoutView(session: Stripe.Checkout.Session): CheckoutView {
  return {
    id: session.id,
    url: session.url ?? undefined,
    status: ENDED.find((status) => status === session.status) ?? 'open',
    paid: session.payment_status === 'paid',
    amountTotal: fromStripe(session.amount_total ?? 0, session.currency ?? ''),
    currency: session.currency ?? '',
    paymentIntent: idOf(session.payment_intent),
    invoiceId: session.client_reference_id ?? undefined,
  };
}

const FINAL = ['succeeded', 'failed', 'canceled', 'requires_action'] as const;

export function refundView(refund: Stripe.Refund): RefundView {
  return {
    id: refund.id,
    amount: fromStripe(refund.amount, refund.currency),
    // A status that this API version does not know is not an end.
    status: FINAL.find((status) => status === refund.status) ?? 'pending',
    key: refund.metadata?.key,
  };
}

export function idOf(reference: string | { id: string } | null): string | undefined {
  return typeof reference === 'string' ? reference : reference?.id;
}
