import type Stripe from 'stripe';
import { newId, now } from './ids.ts';
import { nobody, type World } from './world.ts';

/** A dispute as it goes over the wire; the evidence is empty, ours to submit being no part of the stand-in. */
type NewDispute = Omit<Stripe.Dispute, 'evidence'>;

/** The card holder disputes a charge: the money is taken back and the charge can no longer be refunded. */
export function dispute(world: World, chargeId: string): NewDispute {
  const charge = world.charges.get(chargeId);
  if (!charge) throw new Error(`no charge '${chargeId}'`);
  const made: NewDispute = {
    id: newId('du'),
    object: 'dispute',
    amount: charge.amount,
    balance_transactions: [],
    charge: charge.id,
    created: now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence_details: {
      due_by: now() + 7 * 24 * 3600,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'manual',
    },
    intended_submission_method: 'manual',
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason: 'fraudulent',
    status: 'needs_response',
  };
  world.disputes.set(made.id, made);
  world.charges.set(charge.id, { ...charge, disputed: true });
  world.events.emit(nobody(), ['charge.dispute.created', made], ['charge.dispute.funds_withdrawn', made]);
  return made;
}
