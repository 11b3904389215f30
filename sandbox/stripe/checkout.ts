import type Stripe from 'stripe';
import type { Call, Reply } from '../lib/http.ts';
import { atomically } from './atomic.ts';
import { absentPage, checkoutPage, indexPage } from './page.ts';
import { verdictOn } from './payments.ts';
import { checkout } from './till.ts';
import { nobody, type World } from './world.ts';

type Session = Stripe.Checkout.Session;

const MOST_SHOWN = 100;

/**
 * The address of a session, for a browser and for whoever plays one:
 * GET  <url>           the page
 * POST <url>/pay       303 to the success_url; 303 back to the page where the card is declined
 * POST <url>/decline   303 back to the page, which tells the decline and lets one try again
 * GET  /c              the newest sessions
 * A session that is no longer open answers either with the page and 409.
 */
export async function serveCheckout(world: World, call: Call): Promise<Reply> {
  if (call.path === '/c') return html(200, indexPage(world.sessions.values().slice(-MOST_SHOWN)));
  const [, id = '', verb] = /^\/c\/pay\/([^/]+)(?:\/(pay|decline))?$/.exec(call.path) ?? [];
  const session = world.sessions.get(id);
  if (!session) return html(404, absentPage());
  if (call.method === 'GET' && !verb) return show(world, session, 200);
  if (call.method !== 'POST' || !verb) return html(405, absentPage());
  if (session.status !== 'open') return show(world, session, 409);
  const after = await (verb === 'pay' ? pay(world, session) : decline(world, session));
  const to = after.status === 'complete' ? successUrl(after) : `/c/pay/${id}`;
  return { status: 303, headers: { location: to } };
}

/** The customer presses Pay; the switches decide what the bank says. */
export function pay(world: World, session: Session): Promise<Session> {
  return settled(world, session, verdictOn(world, session.id));
}

export function decline(world: World, session: Session): Promise<Session> {
  return settled(world, session, { kind: 'declined', code: 'generic_decline' });
}

async function settled(world: World, session: Session, verdict: Parameters<typeof checkout>[2]): Promise<Session> {
  const cause = nobody();
  const after = atomically(world.self.store.db, () => checkout(world, session, verdict, cause));
  await Promise.all(cause.hurried);
  return after;
}

function successUrl({ id, success_url }: Session): string {
  return (success_url ?? '/').replaceAll('{CHECKOUT_SESSION_ID}', id);
}

function show(world: World, session: Session, status: number): Reply {
  const decline = world.intents.get(String(session.payment_intent))?.last_payment_error?.message;
  return html(status, checkoutPage(session, world.lines.get(session.id) ?? [], decline));
}

function html(status: number, body: string): Reply {
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'cache-control': 'no-store',
    },
    body,
  };
}
