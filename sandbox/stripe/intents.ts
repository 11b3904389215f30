import type Stripe from 'stripe';
import { invalid, missing, StripeRefusal } from './error.ts';
import { checkAmount, checkCurrency } from './money.ts';
import { newIntent } from './objects.ts';
import { email, flag, type Given, integer, may, metadata, must, oneOf, shape, text } from './params.ts';
import { attempt, type Verdict, verdictOn } from './payments.ts';
import type { Cause, World } from './world.ts';

type Intent = Stripe.PaymentIntent;

export const confirmParams = shape({ payment_method: may(text()), off_session: may(flag) });

/** Of POST /v1/payment_intents those that charging a kept card needs. */
export const intentParams = shape({
  amount: must(integer(1)),
  currency: must(text(3)),
  customer: may(text()),
  payment_method: may(text()),
  off_session: may(flag),
  confirm: may(flag),
  description: may(text(1000)),
  receipt_email: may(email),
  setup_future_usage: may(oneOf('off_session', 'on_session')),
  metadata: may(metadata),
});

type Wish = Given<typeof intentParams>;

export function checkIntent(world: World, wish: Wish): void {
  checkAmount(wish.amount, checkCurrency(wish.currency, 'currency'), 'amount');
  if (wish.customer !== undefined && !world.customers.has(wish.customer))
    throw missing('customer', wish.customer, 'customer', 400);
  if (wish.off_session && !wish.confirm)
    throw invalid('You cannot use `off_session` without `confirm`.', 'off_session');
  if (wish.payment_method !== undefined) checkMethod(world, wish.payment_method);
}

// Of docs.stripe.com/testing: payment methods that are there without being made.
const TEST_METHODS: Record<string, Verdict> = {
  pm_card_visa: { kind: 'paid' },
  pm_card_visa_chargeDeclined: { kind: 'declined', code: 'generic_decline' },
  pm_card_visa_chargeDeclinedInsufficientFunds: { kind: 'declined', code: 'insufficient_funds' },
  pm_card_chargeDeclinedExpiredCard: { kind: 'declined', code: 'expired_card' },
  pm_card_authenticationRequired: { kind: 'declined', code: 'authentication_required' },
};

function checkMethod(world: World, id: string): void {
  if (!world.methods.has(id) && !Object.hasOwn(TEST_METHODS, id))
    throw missing('PaymentMethod', id, 'payment_method', 400);
}

export function createIntent(world: World, wish: Wish, cause: Cause): Intent {
  const { confirm, payment_method: method, customer = null, currency, ...rest } = wish;
  const made = newIntent({ ...rest, customer, currency: currency.toLowerCase() });
  const intent: Intent = method ? { ...made, payment_method: method, status: 'requires_confirmation' } : made;
  world.intents.set(intent.id, intent);
  world.events.emit(cause, ['payment_intent.created', intent]);
  return confirm ? charge(world, intent, cause) : intent;
}

export function confirmIntent(world: World, id: string, method: string | undefined, cause: Cause): Intent {
  const intent = world.intents.get(id);
  if (!intent) throw missing('payment_intent', id, 'intent', 404);
  if (method !== undefined) checkMethod(world, method);
  if (!['requires_payment_method', 'requires_confirmation'].includes(intent.status)) throw unexpected(intent);
  return charge(world, method ? { ...intent, payment_method: method } : intent, cause);
}

function unexpected({ status }: Intent) {
  const why = `You cannot confirm this PaymentIntent because it has a status of ${status}.`;
  return invalid(why, undefined, 'payment_intent_unexpected_state');
}

function charge(world: World, intent: Intent, cause: Cause): Intent {
  const method = intent.payment_method as string | null;
  if (!method)
    throw invalid(
      'You cannot confirm this PaymentIntent because it is missing a payment method.',
      undefined,
      'payment_intent_unexpected_state',
    );
  const switched = verdictOn(world, intent.id);
  const verdict = switched.kind === 'paid' ? (TEST_METHODS[method] ?? switched) : switched;
  const tried = attempt(world, intent, verdict, { method, email: intent.receipt_email });
  world.events.emit(cause, ...tried.news);
  if (verdict.kind === 'declined') throw declined(tried.intent, tried.charge);
  return tried.intent;
}

/** 402, with the intent as it is now in the error: docs.stripe.com/error-handling#payment-errors. */
function declined(intent: Intent, charge: Stripe.Charge): StripeRefusal {
  const { code, decline_code, message } = intent.last_payment_error ?? {};
  return new StripeRefusal(402, {
    type: 'card_error',
    charge: charge.id,
    code: String(code),
    decline_code,
    message: String(message),
    payment_intent: intent,
  });
}

const CLAUSE = /^(?:metadata\[["'](?<key>[^"']+)["']\]|(?<field>status|customer|currency)):["'](?<value>[^"']*)["']$/;

/** Reads a search such as `status:'succeeded' AND metadata['order']:'7'`: docs.stripe.com/search. */
export function searched(query: string): (intent: Intent) => boolean {
  const clauses = query.split(/\s+AND\s+/).map((clause) => {
    const found = CLAUSE.exec(clause.trim())?.groups;
    if (!found) throw invalid(`We were unable to parse your search query: ${clause}`, 'query');
    return found;
  });
  return (intent) =>
    clauses.every(({ key, field, value }) => (key ? intent.metadata[key] : intent[field as 'status']) === value);
}
