import type Stripe from 'stripe';
import type { News } from './events.ts';
import { newCard, newCharge, newCustomer } from './objects.ts';
import type { Cause, World } from './world.ts';

type Intent = Stripe.PaymentIntent;
type Charge = Stripe.Charge;

/** What the bank says to a charge. `code` is a decline code: docs.stripe.com/declines/codes. */
export type Verdict =
  | { kind: 'paid' }
  | { kind: 'declined'; code: string }
  | { kind: 'processing'; outcome: 'paid' | 'failed'; ms: number };

/** The switches decide; `subject` is the id of the session or intent that is paid. */
export function verdictOn(world: World, subject: string): Verdict {
  const { faults } = world.self;
  const declined = faults.switched('card-declined', `pay ${subject}`);
  if (declined)
    return { kind: 'declined', code: typeof declined.data === 'string' ? declined.data : 'generic_decline' };
  const slow = faults.switched('payment-processing', `pay ${subject}`);
  if (!slow) return { kind: 'paid' };
  const { outcome = 'paid', ms = 5000 * world.around.speed } = (slow.data ?? {}) as {
    outcome?: 'paid' | 'failed';
    ms?: number;
  };
  return { kind: 'processing', outcome, ms };
}

/** One attempt to charge an intent. Answers what it has become and what is to be told. */
export function attempt(
  world: World,
  intent: Intent,
  verdict: Verdict,
  payer: { method?: string | undefined; email: string | null },
): { intent: Intent; charge: Charge; news: News[] } {
  const method = payer.method ?? newMethod(world, intent);
  const charge = newCharge(intent, method, payer.email);
  const tried: Intent = { ...intent, payment_method: method, latest_charge: charge.id, last_payment_error: null };
  switch (verdict.kind) {
    case 'paid':
      return succeed(world, tried, charge);
    case 'declined':
      return fail(world, tried, charge, verdict.code);
    case 'processing':
      return wait(world, tried, charge, verdict);
  }
}

function newMethod(world: World, intent: Intent): string {
  const card = newCard(intent.setup_future_usage ? (intent.customer as string | null) : null);
  return world.methods.set(card.id, card).id;
}

function succeed(world: World, intent: Intent, charge: Charge) {
  const paid = world.charges.set(charge.id, {
    ...charge,
    amount_captured: charge.amount,
    captured: true,
    outcome: outcome('authorized', 'approved_by_network', 'Payment complete.'),
    paid: true,
    status: 'succeeded',
  });
  const done = world.intents.set(intent.id, {
    ...intent,
    amount_received: intent.amount,
    processing: null,
    status: 'succeeded',
  });
  return {
    intent: done,
    charge: paid,
    news: [
      ['charge.succeeded', paid],
      ['payment_intent.succeeded', done],
    ] as News[],
  };
}

function fail(world: World, intent: Intent, charge: Charge, declineCode: string) {
  const code = CODES[declineCode] ?? 'card_declined';
  const message = MESSAGES[declineCode] ?? 'Your card was declined.';
  const failed = world.charges.set(charge.id, {
    ...charge,
    failure_code: code,
    failure_message: message,
    outcome: outcome('issuer_declined', 'declined_by_network', message, declineCode),
    status: 'failed',
  });
  const open = world.intents.set(intent.id, {
    ...intent,
    last_payment_error: { type: 'card_error', code, decline_code: declineCode, message, charge: failed.id },
    payment_method: null,
    processing: null,
    status: 'requires_payment_method',
  });
  return {
    intent: open,
    charge: failed,
    news: [
      ['charge.failed', failed],
      ['payment_intent.payment_failed', open],
    ] as News[],
  };
}

function wait(world: World, intent: Intent, charge: Charge, { outcome, ms }: Extract<Verdict, { kind: 'processing' }>) {
  const pending = world.charges.set(charge.id, charge);
  const processing = world.intents.set(intent.id, { ...intent, status: 'processing' });
  world.agenda.plan('settle', intent.id, Date.now() + ms, outcome);
  return {
    intent: processing,
    charge: pending,
    news: [
      ['charge.pending', pending],
      ['payment_intent.processing', processing],
    ] as News[],
  };
}

/** The agenda's job for a payment that was `processing`: the end of it, or nothing where it has one already. */
export function settle(world: World, id: string, outcome: unknown) {
  const intent = world.intents.get(id);
  const charge = world.charges.get(String(intent?.latest_charge));
  if (!intent || !charge || intent.status !== 'processing') return undefined;
  return outcome === 'failed' ? fail(world, intent, charge, 'insufficient_funds') : succeed(world, intent, charge);
}

/** Someone to keep the card for, where the session asks for that and names nobody. */
export function customerFor(world: World, email: string | null, cause: Cause): string {
  const customer = newCustomer({ email: email ?? undefined });
  world.customers.set(customer.id, customer);
  world.events.emit(cause, ['customer.created', customer]);
  return customer.id;
}

function outcome(type: string, network: string, message: string, reason: string | null = null): Stripe.Charge.Outcome {
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: network,
    reason,
    risk_level: 'normal',
    seller_message: message,
    type,
  };
}

const CODES: Record<string, string> = {
  authentication_required: 'authentication_required',
  expired_card: 'expired_card',
  incorrect_cvc: 'incorrect_cvc',
  processing_error: 'processing_error',
};

const MESSAGES: Record<string, string> = {
  authentication_required: 'Your card was declined. This transaction requires authentication.',
  expired_card: 'Your card has expired.',
  incorrect_cvc: "Your card's security code is incorrect.",
  insufficient_funds: 'Your card has insufficient funds.',
  processing_error: 'An error occurred while processing your card. Try again in a little bit.',
};
