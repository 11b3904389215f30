import type Stripe from 'stripe';
import type { Collection } from '../lib/store.ts';
import { decline, pay } from './checkout.ts';
import { dispute } from './disputes.ts';
import { type Endpoint, newSecret } from './endpoints.ts';
import { newCharge, newIntent } from './objects.ts';
import { failRefund } from './refunds.ts';
import { expireSession } from './sessions.ts';
import { nobody, type World } from './world.ts';

/** What customers, banks and Stripe do behind mpanel's back. */
export function acts(world: World, endpoints: Collection<Endpoint>) {
  return {
    pay: ({ session }: Wish) => pay(world, open(world, session)),
    decline: ({ session }: Wish) => decline(world, open(world, session)),
    expire: ({ session }: Wish) => expireSession(world, String(session), nobody()),
    /** The bank answers now for a payment that was `processing`. */
    settle: ({ intent }: Wish) => world.agenda.run('settle', String(intent)),
    resend: ({ event, copies = 1 }: Wish) => world.events.resend(String(event), Number(copies)),
    /** { amount, currency?, metadata?, created? }: paid some time ago, and nobody was told. */
    'plant-charge': (wish: Wish) => plantCharge(world, wish),
    dispute: ({ charge }: Wish) => dispute(world, String(charge)),
    'refund-fail': ({ refund }: Wish) => failRefund(world, String(refund)),
    'roll-secret': () => rollSecret(endpoints),
  };
}

type Wish = Record<string, unknown>;

function plantCharge(world: World, { amount, currency = 'usd', metadata = {}, created }: Wish): Stripe.Charge {
  const about = { metadata: metadata as Record<string, string> };
  const intent = newIntent({ ...about, amount: Number(amount), currency: String(currency), customer: null });
  const at = created === undefined ? intent.created : Number(created);
  const charge: Stripe.Charge = {
    ...newCharge(intent, 'pm_planted', null),
    amount_captured: intent.amount,
    captured: true,
    created: at,
    paid: true,
    status: 'succeeded',
  };
  world.intents.set(intent.id, {
    ...intent,
    amount_received: intent.amount,
    created: at,
    latest_charge: charge.id,
    status: 'succeeded',
  });
  return world.charges.set(charge.id, charge);
}

function open(world: World, id: unknown): Stripe.Checkout.Session {
  const session = world.sessions.get(String(id));
  if (session?.status !== 'open') throw new Error(`session '${id}' is ${session?.status ?? 'not there'}, not open`);
  return session;
}

/** A new secret for mpanel's endpoint; the old one goes on signing beside it. */
function rollSecret(endpoints: Collection<Endpoint>) {
  const own = endpoints.get('we_mpanel');
  if (!own) throw new Error('mpanel has no endpoint');
  return endpoints.set(own.id, { ...own, secrets: [newSecret(), ...own.secrets] });
}
