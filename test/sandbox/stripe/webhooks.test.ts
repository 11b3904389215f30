import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openShop, order, pay, type Received, type Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

const PAID = ['payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded', 'checkout.session.completed'];
const saw =
  (...types: string[]) =>
  (all: Received[]) =>
    types.every((type) => all.some(({ event }) => event?.type === type));
const deliveriesOf = async (type: string) =>
  (await shop.state()).events.filter((event) => event.type === type).flatMap(({ deliveries }) => deliveries);

/** The attempts of the one delivery of this type, once it is through. */
async function attemptsOf(type: string): Promise<object[]> {
  for (;;) {
    const [delivery] = await deliveriesOf(type);
    if (delivery?.state !== 'pending') return (delivery?.attempts ?? []).map(({ status }) => ({ status }));
    await setImmediate();
  }
}

test('a payment is told in events that the official SDK verifies', async () => {
  const { session } = await pay(shop, { client_reference_id: 'invoice-1' });
  await shop.receiver.until(saw(...PAID));
  const completed = shop.receiver.got.find(({ event }) => event?.type === 'checkout.session.completed')?.event;
  expect(completed).toMatchObject({
    object: 'event',
    livemode: false,
    api_version: '2026-10-28.endive',
    data: { object: { id: session.id, payment_status: 'paid', client_reference_id: 'invoice-1' } },
  });
  expect(await shop.stripe.events.retrieve(completed?.id ?? '')).toEqual(completed);
});

test('a refund and its failure are told; an expired session too', async () => {
  const { intent } = await pay(shop);
  const { id } = await shop.stripe.refunds.create({ payment_intent: intent }, { idempotencyKey: 'back' });
  await shop.act('refund-fail', { refund: id });
  await shop.act('expire', { session: (await shop.stripe.checkout.sessions.create(order())).id });
  await shop.receiver.until(
    saw('charge.refunded', 'refund.created', 'refund.updated', 'refund.failed', 'checkout.session.expired'),
  );
  const { data } = await shop.stripe.events.list({ type: 'refund.created' });
  expect(data[0]?.request).toMatchObject({ id: expect.stringMatching(/^req_/), idempotency_key: 'back' });
});

test.each([
  ['paid', 'checkout.session.async_payment_succeeded', 'succeeded'],
  ['failed', 'checkout.session.async_payment_failed', 'requires_payment_method'],
])('a payment that is processing is %s later', async (outcome, type, status) => {
  shop.turnOn('payment-processing', 'pay cs_', { outcome, ms: 20 });
  const { session, intent } = await pay(shop);
  expect(session.status).toBe('complete');
  await shop.receiver.until(saw('checkout.session.completed', type));
  const first = shop.receiver.got.find(({ event }) => event?.type === 'checkout.session.completed');
  expect(first?.event?.data.object).toMatchObject({ payment_status: 'unpaid' });
  expect((await shop.stripe.paymentIntents.retrieve(intent)).status).toBe(status);
  const ended = await shop.stripe.checkout.sessions.retrieve(session.id);
  expect(ended.payment_status).toBe(outcome === 'paid' ? 'paid' : 'unpaid');
});

test('an event goes to every endpoint that wants it, signed with its own secret', async () => {
  const made = await shop.stripe.webhookEndpoints.create({
    url: `${shop.receiver.url}/second`,
    enabled_events: ['customer.created'],
  });
  const { data } = await shop.stripe.webhookEndpoints.list();
  expect(data.map(({ id, secret }) => [id, secret])).toEqual([
    [made.id, undefined],
    ['we_mpanel', undefined],
  ]);
  expect(data[0]).not.toHaveProperty('secrets');
  shop.receiver.secret = made.secret ?? '';
  await shop.stripe.customers.create({});
  await shop.receiver.until((all) => all.length === 2);
  expect(shop.receiver.types().filter(Boolean)).toEqual(['customer.created']);
});

test('it is sent again until it is taken', async () => {
  const answers = [500, 302, 200];
  shop.receiver.answer = async () => answers.shift() ?? 200;
  await shop.stripe.customers.create({});
  await shop.receiver.until((all) => all.length === 3);
  await expect(attemptsOf('customer.created')).resolves.toEqual([{ status: 500 }, { status: 302 }, { status: 200 }]);
});

test('while a secret is rolled both sign', async () => {
  await shop.act('roll-secret', {});
  await shop.stripe.customers.create({});
  await shop.receiver.until((all) => all.length === 1);
  expect(shop.receiver.got[0]).toMatchObject({
    signature: expect.stringMatching(/^t=\d+,v1=\w+,v1=\w+$/),
    why: undefined,
  });
});

test('resend sends copies of an old event', async () => {
  await shop.stripe.customers.create({});
  await shop.receiver.until(saw('customer.created'));
  await shop.act('resend', { event: shop.receiver.got[0]?.event?.id, copies: 2 });
  await shop.receiver.until((all) => all.length === 3);
  expect(new Set(shop.receiver.got.map(({ event }) => event?.id)).size).toBe(1);
});

describe('switches', () => {
  const customer = () => shop.stripe.customers.create({});

  test('webhook-twice', async () => {
    shop.turnOn('webhook-twice', 'customer.created');
    await customer();
    await shop.receiver.until((all) => all.length === 2);
    expect(shop.receiver.got[0]?.event).toEqual(shop.receiver.got[1]?.event);
  });

  test('webhook-late lets later ones overtake', async () => {
    shop.turnOn('webhook-late', 'customer.created', 2000);
    await customer();
    await pay(shop);
    await shop.receiver.until(saw('customer.created'));
    expect(shop.receiver.types().at(-1)).toBe('customer.created');
    expect(shop.receiver.got).toHaveLength(5);
  });

  test('webhook-reversed', async () => {
    shop.turnOn('webhook-reversed', 'checkout.session.completed');
    await pay(shop);
    await shop.receiver.until(saw(...PAID));
    const batch = shop.receiver.types().filter((type) => type !== 'payment_intent.created');
    expect(batch).toEqual(PAID.slice(1).toReversed());
  });

  test('webhook-before-answer', async () => {
    shop.turnOn('webhook-before-answer', 'payment_intent.succeeded');
    await shop.stripe.paymentIntents.create({
      amount: 900,
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: true,
    });
    expect(shop.receiver.types()).toContain('payment_intent.succeeded');
  });

  test.each([
    ['webhook-stale-signature', 'Timestamp outside the tolerance zone'],
    ['webhook-bad-signature', 'No signatures found matching'],
  ])('%s spoils one attempt', async (name, words) => {
    shop.turnOn(name, 'customer.created');
    shop.receiver.answer = async ({ event }) => (event ? 200 : 400);
    await customer();
    await shop.receiver.until((all) => all.length === 2);
    expect(shop.receiver.got[0]?.why).toContain(words);
    expect(shop.receiver.got[1]?.event?.type).toBe('customer.created');
  });

  test('webhook-lost', async () => {
    shop.turnOn('webhook-lost', 'customer.created');
    const { id } = await customer();
    await customer();
    await shop.receiver.until(saw('customer.created'));
    expect(shop.receiver.got.map(({ raw }) => raw.includes(id))).toEqual([false]);
    expect((await deliveriesOf('customer.created')).map(({ state }) => state)).toContain('lost');
    expect((await shop.stripe.events.list({ type: 'customer.created' })).data).toHaveLength(2);
  });
});
