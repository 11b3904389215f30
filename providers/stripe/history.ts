import type Stripe from 'stripe';
import type { ChargeView, PastRefundView } from './port.ts';
import { fromStripe } from './units.ts';
import { idOf, refundView } from './views.ts';

const PAGE = 100;
const since = (from: Date) => ({ created: { gte: Math.floor(from.getTime() / 1000) }, limit: PAGE });

export async function* charges(stripe: Stripe, from: Date): AsyncGenerator<ChargeView> {
  for await (const charge of stripe.charges.list(since(from))) if (charge.paid) yield chargeView(charge);
  for await (const { data } of stripe.events.list({ ...since(from), type: 'charge.dispute.created' })) {
    const intent = idOf((data.object as Stripe.Dispute).payment_intent);
    const disputed = intent && (await chargeOf(stripe, intent));
    if (disputed) yield disputed;
  }
}

/** Made since then, or failed since then whenever they were made. */
export async function* refundsSince(stripe: Stripe, from: Date): AsyncGenerator<PastRefundView> {
  for await (const refund of stripe.refunds.list(since(from))) yield pastRefund(refund);
  for await (const event of stripe.events.list({ ...since(from), type: 'refund.failed' }))
    yield pastRefund(event.data.object as Stripe.Refund);
}

/** The paid charge of an intent; undefined where Stripe knows none. */
export async function chargeOf(stripe: Stripe, paymentIntent: string): Promise<ChargeView | undefined> {
  const { data } = await stripe.charges.list({ payment_intent: paymentIntent, limit: PAGE });
  const paid = data.find((charge) => charge.paid);
  return paid && chargeView(paid);
}

export async function readRefund(stripe: Stripe, id: string): Promise<PastRefundView> {
  return pastRefund(await stripe.refunds.retrieve(id));
}

const chargeView = (charge: Stripe.Charge): ChargeView => ({
  paymentIntent: idOf(charge.payment_intent) ?? charge.id,
  amount: fromStripe(charge.amount, charge.currency),
  currency: charge.currency,
  disputed: charge.disputed,
  invoiceId: charge.metadata.invoiceId,
  createdAt: new Date(charge.created * 1000),
});

const pastRefund = (refund: Stripe.Refund): PastRefundView => ({
  ...refundView(refund),
  paymentIntent: idOf(refund.payment_intent),
});
