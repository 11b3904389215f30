import type Stripe from 'stripe';
import type { News } from './events.ts';
import { newIntent } from './objects.ts';
import { attempt, customerFor, settle, type Verdict } from './payments.ts';
import { type Cause, nobody, type World } from './world.ts';

type Session = Stripe.Checkout.Session;

/** A customer pays, or tries to, on the checkout page of an open session. */
export function checkout(world: World, session: Session, verdict: Verdict, cause: Cause): Session {
  const intent = intentOf(world, session, cause);
  const tried = attempt(world, intent, verdict, { email: session.customer_details?.email ?? null });
  const told: Session = { ...session, payment_intent: intent.id, customer: intent.customer };
  if (verdict.kind === 'declined') {
    world.events.emit(cause, ...tried.news);
    return world.sessions.set(session.id, told);
  }
  const complete = world.sessions.set(session.id, {
    ...told,
    payment_status: verdict.kind === 'paid' ? 'paid' : 'unpaid',
    status: 'complete',
    url: null,
  });
  world.agenda.drop('expire', session.id);
  world.events.emit(cause, ...tried.news, ['checkout.session.completed', complete]);
  return complete;
}

/** The session's intent; made at the first attempt, as Stripe does since 2022-08-01. */
function intentOf(world: World, session: Session, cause: Cause): Stripe.PaymentIntent {
  const known = world.intents.get(String(session.payment_intent));
  if (known) return known;
  const wish = world.intentions.get(session.id) ?? {};
  const named = session.customer as string | null;
  const email = session.customer_details?.email ?? null;
  const customer = named ?? (wish.setup_future_usage ? customerFor(world, email, cause) : null);
  const intent = newIntent({ ...wish, amount: session.amount_total ?? 0, currency: session.currency ?? '', customer });
  world.intents.set(intent.id, intent);
  world.events.emit(cause, ['payment_intent.created', intent]);
  return intent;
}

/** The agenda's job: a payment that was `processing` ends, and its session says so. */
export function settlePayment(world: World, intentId: string, outcome: unknown): void {
  const settled = settle(world, intentId, outcome);
  if (!settled) return;
  const session = world.sessions.values().find(({ payment_intent }) => payment_intent === intentId);
  const paid = settled.intent.status === 'succeeded';
  const news: News[] = settled.news;
  if (session) {
    const ended = world.sessions.set(session.id, { ...session, payment_status: paid ? 'paid' : 'unpaid' });
    news.push([paid ? 'checkout.session.async_payment_succeeded' : 'checkout.session.async_payment_failed', ended]);
  }
  world.events.emit(nobody(), ...news);
}
