import { serveHttp } from '../lib/http.ts';
import type { Start } from '../lib/stand-in.ts';
import { acts } from './acts.ts';
import { Agenda, type Task } from './agenda.ts';
import { serveApi } from './api.ts';
import { atomically } from './atomic.ts';
import { serveCheckout } from './checkout.ts';
import { Deliveries } from './deliveries.ts';
import { type Endpoint, ownEndpoint } from './endpoints.ts';
import { Events, type WireEvent } from './events.ts';
import { Idempotency, type Kept } from './idempotency.ts';
import { randomLetters } from './ids.ts';
import { failRefund } from './refunds.ts';
import { routes } from './routes.ts';
import { expireByTime } from './sessions.ts';
import { settlePayment } from './till.ts';
import { openBooks, type World } from './world.ts';

/**
 * Stripe, as far as one-off payments, their refunds and charges of a kept card go.
 *
 * Settings it reads: SANDBOX_WEBHOOK_URL, where events go; without it they are recorded and not sent.
 *
 * Switches (`{"phase":"switch","match":…,"action":{"kind":"switch","name":…,"data":…}}`). `match` is over
 * the event's type for webhook-*, "pay <session or intent>", "refund <intent>", or "<METHOD> <path>" for api-error.
 *
 * | name                    | what happens                                                        | data                       |
 * |-------------------------|---------------------------------------------------------------------|----------------------------|
 * | webhook-twice           | the event is delivered two times                                    |                            |
 * | webhook-late            | the event is sent after a while                                     | ms (1000)                  |
 * | webhook-reversed        | what happened at one moment arrives one by one, the last first      |                            |
 * | webhook-before-answer   | the call that caused it is answered after the first attempt         |                            |
 * | webhook-stale-signature | the next attempt carries a true signature with an old time          | age in seconds (600)       |
 * | webhook-bad-signature   | the next attempt is signed with somebody else's secret              |                            |
 * | webhook-lost            | the event is recorded and never sent                                |                            |
 * | refund-fails-later      | the refund succeeds, and fails after a while                        | { ms }                     |
 * | payment-processing      | the session completes unpaid; the money comes, or not, after a while | { outcome: paid, failed; ms } |
 * | card-declined           | the bank says no                                                    | decline code               |
 * | api-error               | 500, kept under the idempotency key; the effect happened or not     | after (default), before    |
 */
export const start: Start = async (self, around) => {
  const open = <T>(kind: string) => self.store.collection<T>(`${self.name}.${kind}`);
  const { db } = self.store;
  const endpoints = open<Endpoint>('webhook_endpoints');
  const keys = open<string>('keys');
  const secretKey = keys.get('secret') ?? keys.set('secret', `sk_test_${randomLetters(32)}`);
  const [secret = ''] = ownEndpoint(endpoints, around.env.SANDBOX_WEBHOOK_URL).secrets;

  const agenda: Agenda = new Agenda(open<Task>('agenda'), {
    deliver: (id) => deliveries.attempt(id),
    expire: (id) => atomically(db, () => expireByTime(world, id)),
    settle: (id, outcome) => atomically(db, () => settlePayment(world, id, outcome)),
    'fail-refund': (id) => atomically(db, () => void failRefund(world, id)),
  });
  const rows = open<WireEvent>('events');
  const deliveries = new Deliveries(self, around, rows, endpoints, agenda);
  const events = new Events(rows, deliveries);
  const world: World = { ...openBooks(self), self, around, agenda, events, origin: () => server.url };
  const api = serveApi(world, routes(world, endpoints), new Idempotency(open<Kept>('idempotency')), secretKey);

  const server = await serveHttp(self, { host: around.host, port: await around.port('stripe') }, (call) =>
    /^\/c(\/|$)/.test(call.path) ? serveCheckout(world, call) : api(call),
  );
  agenda.start();

  return {
    env: { STRIPE_API_URL: server.url, STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: secret },
    urls: { checkout: `${server.url}/c` },
    state: () => ({
      sessions: world.sessions.values(),
      payment_intents: world.intents.values(),
      charges: world.charges.values(),
      refunds: world.refunds.values(),
      customers: world.customers.values(),
      disputes: world.disputes.values(),
      webhook_endpoints: endpoints.values(),
      events: events.state(),
    }),
    acts: acts(world, endpoints),
    async close() {
      deliveries.close();
      await agenda.close();
      await server.close();
    },
  };
};
