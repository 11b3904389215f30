import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import Stripe from 'stripe';
import type { NewFault } from '../../../sandbox/lib/faults.ts';
import { start } from '../../../sandbox/stripe/index.ts';
import { startStandIn } from '../../support/sandbox.ts';

/** One POST that the receiver got, verified with the official SDK; `event` is undefined where that failed. */
export interface Received {
  signature: string;
  raw: string;
  event: Stripe.Event | undefined;
  why: string | undefined;
}

/** A webhook receiver; `answer` decides the status, 200 where it does not. */
export async function startReceiver() {
  const got: Received[] = [];
  const waiting = new Set<() => void>();
  const receiver = {
    got,
    url: '',
    secret: '',
    answer: async (_: Received): Promise<number> => 200,
    types: () => got.map(({ event }) => event?.type),
    /** Waits until what was received fits. */
    until: (fits: (all: Received[]) => boolean) =>
      new Promise<void>((done) => {
        const look = () => {
          if (!fits(got)) return;
          waiting.delete(look);
          done();
        };
        waiting.add(look);
        look();
      }),
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
  const server = createServer(async (req, res) => {
    const raw = await text(req);
    const received = verify(raw, String(req.headers['stripe-signature']), receiver.secret);
    got.push(received);
    res.writeHead(await receiver.answer(received)).end();
    for (const look of waiting) look();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`;
  return receiver;
}

function verify(raw: string, signature: string, secret: string): Received {
  try {
    return { raw, signature, event: Stripe.webhooks.constructEvent(raw, signature, secret), why: undefined };
  } catch (error) {
    return { raw, signature, event: undefined, why: (error as Error).message };
  }
}

/** The stand-in, the official SDK pointed at it, and a receiver of its webhooks. */
export async function openShop({ speed = 0, rude = true } = {}) {
  const receiver = await startReceiver();
  const env = { SANDBOX_WEBHOOK_URL: receiver.url };
  const standIn = await startStandIn('stripe', start, { speed, env, rude });
  receiver.secret = standIn.env.STRIPE_WEBHOOK_SECRET ?? '';
  return {
    ...standIn,
    receiver,
    stripe: clientOf(standIn.env),
    act: async (verb: string, body: Record<string, unknown>) => standIn.running.acts?.[verb]?.(body),
    state: async () => (await standIn.running.state()) as State,
    turnOn: (name: string, match = '', data?: unknown, times: number | null = 1) =>
      standIn.self.faults.add({ match, phase: 'switch', action: { kind: 'switch', name, data }, times } as NewFault),
    async close() {
      await standIn.close();
      await receiver.close();
    },
  };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

export interface State {
  sessions: Stripe.Checkout.Session[];
  payment_intents: Stripe.PaymentIntent[];
  charges: Stripe.Charge[];
  refunds: Stripe.Refund[];
  events: (Stripe.Event & { deliveries: { state: string; attempts: { status?: number }[] }[] })[];
}

export function clientOf(env: Record<string, string>): Stripe {
  const { hostname, port } = new URL(env.STRIPE_API_URL ?? '');
  return new Stripe(env.STRIPE_SECRET_KEY ?? '', {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

/** Parameters of a session over 12.50 EUR, with what a test wants otherwise. */
export function order(more: Partial<Stripe.Checkout.SessionCreateParams> = {}): Stripe.Checkout.SessionCreateParams {
  return {
    mode: 'payment',
    success_url: 'http://127.0.0.1/paid?session={CHECKOUT_SESSION_ID}',
    customer_email: 'ada@example.test',
    line_items: [
      { quantity: 1, price_data: { currency: 'eur', unit_amount: 1000, product_data: { name: 'CloudPod Mini' } } },
      { quantity: 2, price_data: { currency: 'eur', unit_amount: 125, product_data: { name: 'Extra IP' } } },
    ],
    ...more,
  };
}

/** What the SDK throws, with the fields of Stripe's error. */
export async function refusalOf(call: Promise<unknown>): Promise<InstanceType<typeof Stripe.errors.StripeError>> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Stripe.errors.StripeError) return error;
  throw new Error(`expected Stripe's error, got ${String(error)}`);
}

/** Pays a new session by its page; answers the session and its intent. */
export async function pay(shop: Shop, more: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  const { id, url } = await shop.stripe.checkout.sessions.create(order(more));
  await fetch(`${url}/pay`, { method: 'POST', redirect: 'manual' });
  const session = await shop.stripe.checkout.sessions.retrieve(id);
  return { session, intent: session.payment_intent as string };
}
