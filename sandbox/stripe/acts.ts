import type Stripe from 'stripe';
import type { Collection } from '../lib/store.ts';
import { decline, pay } from './checkout.ts';
import { dispute } from './disputes.ts';
import { type Endpoint, newSecret } from './endpoints.ts';
import { failRefund } from './refunds.ts';
import { expireSession } from './sessions.ts';
import { nobody, type World } from './world.ts';

/** What customers, banks and Stripe do behind mpanel's back. */
export function acts(world: World, endpoints: Collection<Endpoint>) {
  return {
    pay: ({ session }: Wish) => pay(world, open(world, session)),
    decline: ({ session }: Wish) => decline(world, open(world, session)),
    expire: ({ session }: Wish) => expireSession(world, String(session), nobody()),
    resend: ({ event, copies = 1 }: Wish) => world.events.resend(String(event), Number(copies)),
    dispute: ({ charge }: Wish) => dispute(world, String(charge)),
    'refund-fail': ({ refund }: Wish) => failRefund(world, String(refund)),
    'roll-secret': () => rollSecret(endpoints),
  };
}

type Wish = Record<string, unknown>;

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
