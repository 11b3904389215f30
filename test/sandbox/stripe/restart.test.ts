import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { standIn } from '../../../sandbox/lib/stand-in.ts';
import { Store } from '../../../sandbox/lib/store.ts';
import type { Task } from '../../../sandbox/stripe/agenda.ts';
import { start } from '../../../sandbox/stripe/index.ts';
import { clientOf, order, startReceiver } from './shop.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mpanel-stripe-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** One life of the stand-in over the same file. */
async function live(webhook: string) {
  const store = new Store(join(dir, 'sandbox.db'));
  const around = { host: '127.0.0.1', port: async () => 0, dir, speed: 0, env: { SANDBOX_WEBHOOK_URL: webhook } };
  const running = await start(standIn('stripe', store), around);
  const end = async () => {
    await running.close();
    store.close();
  };
  return { ...running, store, stripe: clientOf(running.env), end };
}

test('keys, objects and events on their way outlive the process; the receiver may have moved', async () => {
  const first = await live('http://127.0.0.1:9/nobody-there');
  const session = await first.stripe.checkout.sessions.create(order(), { idempotencyKey: 'once' });
  await first.acts?.pay?.({ session: session.id });
  await first.end();

  const receiver = await startReceiver();
  const second = await live(receiver.url);
  receiver.secret = second.env.STRIPE_WEBHOOK_SECRET ?? '';
  expect([second.env.STRIPE_SECRET_KEY, second.env.STRIPE_WEBHOOK_SECRET]).toEqual([
    first.env.STRIPE_SECRET_KEY,
    first.env.STRIPE_WEBHOOK_SECRET,
  ]);
  await receiver.until((all) => all.some(({ event }) => event?.type === 'checkout.session.completed'));
  expect((await second.stripe.checkout.sessions.create(order(), { idempotencyKey: 'once' })).id).toBe(session.id);
  expect((await second.stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe('paid');
  await second.end();
  await receiver.close();
});

test('a session whose time came while nothing ran expires at the start', async () => {
  const receiver = await startReceiver();
  const first = await live(receiver.url);
  const { id } = await first.stripe.checkout.sessions.create(order());
  const agenda = first.store.collection<Task>('stripe.agenda');
  const task = agenda.get(`expire ${id}`) as Task;
  expect(task.at).toBeGreaterThan(Date.now() + 23 * 3600_000);
  agenda.set(`expire ${id}`, { ...task, at: Date.now() - 1000 });
  await first.end();

  const second = await live(receiver.url);
  receiver.secret = second.env.STRIPE_WEBHOOK_SECRET ?? '';
  await receiver.until((all) => all.some(({ event }) => event?.type === 'checkout.session.expired'));
  expect((await second.stripe.checkout.sessions.retrieve(id)).status).toBe('expired');
  await second.end();
  await receiver.close();
});
