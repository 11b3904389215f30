import type Stripe from 'stripe';
import { invalid, missing } from './error.ts';
import { newId, now } from './ids.ts';
import { display } from './money.ts';
import { type Given, integer, may, metadata, oneOf, shape, text } from './params.ts';
import { type Cause, nobody, type World } from './world.ts';

type Charge = Stripe.Charge;
type Refund = Stripe.Refund;

export const refundParams = shape({
  payment_intent: may(text()),
  charge: may(text()),
  amount: may(integer(1)),
  reason: may(oneOf('duplicate', 'fraudulent', 'requested_by_customer')),
  metadata: may(metadata),
});

type Wish = Given<typeof refundParams>;

export function createRefund(world: World, wish: Wish, cause: Cause): Refund {
  const charge = chargeToRefund(world, wish);
  const left = charge.amount_captured - charge.amount_refunded;
  const amount = wish.amount ?? left;
  if (charge.disputed)
    throw invalid(`Charge ${charge.id} has been charged back; cannot issue a refund.`, undefined, 'charge_disputed');
  if (left === 0) throw invalid(`Charge ${charge.id} has already been refunded.`, undefined, 'charge_already_refunded');
  if (amount > left) throw tooMuch(amount, left, charge);
  const refund = newRefund(charge, amount, wish);
  world.refunds.set(refund.id, refund);
  const before = { amount_refunded: charge.amount_refunded, refunded: charge.refunded };
  const refunded = recount(world, charge);
  world.events.emit(cause, ['charge.refunded', refunded, before], ['refund.created', refund]);
  failLater(world, refund);
  return refund;
}

function chargeToRefund(world: World, wish: Wish): Charge {
  const { payment_intent: intentId, charge: chargeId } = wish;
  if (intentId === undefined && chargeId === undefined)
    throw invalid('One of the following params should be provided for this request: payment_intent or charge.');
  if (intentId !== undefined && !world.intents.has(intentId))
    throw missing('payment_intent', intentId, 'payment_intent', 404);
  const id = chargeId ?? String(world.intents.get(intentId ?? '')?.latest_charge);
  const charge = world.charges.get(id);
  if (chargeId !== undefined && !charge) throw missing('charge', chargeId, 'charge', 404);
  if (charge?.status !== 'succeeded')
    throw invalid(
      `This PaymentIntent (${intentId ?? charge?.payment_intent}) does not have a successful charge to refund.`,
      'payment_intent',
    );
  return charge;
}

function tooMuch(amount: number, left: number, { amount: whole, currency }: Charge) {
  const limit =
    left < whole
      ? `unrefunded amount on charge (${display(left, currency)})`
      : `charge amount (${display(whole, currency)})`;
  return invalid(`Refund amount (${display(amount, currency)}) is greater than ${limit}`, 'amount');
}

function newRefund(charge: Charge, amount: number, wish: Wish): Refund {
  return {
    id: newId('re'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: now(),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: { card: { type: 'refund' }, type: 'card' },
    metadata: wish.metadata ?? {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: wish.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  };
}

/** What of a charge has gone back: a refund that failed counts no more. */
function recount(world: World, charge: Charge): Charge {
  const back = world.refunds
    .values()
    .filter((refund) => refund.charge === charge.id && refund.status !== 'failed')
    .reduce((sum, refund) => sum + refund.amount, 0);
  return world.charges.set(charge.id, { ...charge, amount_refunded: back, refunded: back === charge.amount });
}

function failLater(world: World, refund: Refund): void {
  const fault = world.self.faults.switched('refund-fails-later', `refund ${refund.payment_intent}`);
  if (!fault) return;
  const { ms = 3000 * world.around.speed } = (fault.data ?? {}) as { ms?: number };
  world.agenda.plan('fail-refund', refund.id, Date.now() + ms);
}

/** The bank sends a refund back, possibly days after it was `succeeded`. */
export function failRefund(world: World, id: string): Refund | undefined {
  const refund = world.refunds.get(id);
  if (!refund || refund.status === 'failed') return refund;
  const before = { status: refund.status };
  const failed = world.refunds.set(id, { ...refund, status: 'failed', failure_reason: 'expired_or_canceled_card' });
  const charge = world.charges.get(String(refund.charge));
  if (charge) recount(world, charge);
  world.events.emit(nobody(), ['refund.updated', failed, before], ['refund.failed', failed]);
  return failed;
}
