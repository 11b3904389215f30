import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Kept } from '../../../sandbox/stripe/idempotency.ts';
import { openShop, order, pay, refusalOf, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const create = (idempotencyKey: string, more = {}) =>
  shop.stripe.checkout.sessions.create(order(more), { idempotencyKey });

test('the same key with the same parameters gives the first answer and makes nothing', async () => {
  const first = await create('same', { expand: ['line_items'] });
  const again = await create('same', { expand: ['line_items'] });
  expect(again).toEqual(first);
  expect(again.lastResponse.headers).toMatchObject({
    'idempotent-replayed': 'true',
    'original-request': first.lastResponse.requestId,
  });
  expect((await shop.state()).sessions).toHaveLength(1);
});

test('the same key with other parameters is refused', async () => {
  await create('other');
  const error = await refusalOf(create('other', { client_reference_id: 'x' }));
  expect(error).toMatchObject({ statusCode: 400, rawType: 'idempotency_error' });
  expect(error.message).toMatch(/^Keys for idempotent requests can only be used with the same parameters/);
});

test('a key whose call is still in flight is refused with 409', async () => {
  const { intent } = await pay(shop);
  const refund = () => shop.stripe.refunds.create({ payment_intent: intent }, { idempotencyKey: 'flying' });
  shop.turnOn('webhook-before-answer', 'refund.created');
  const arrived = Promise.withResolvers<void>();
  const mayGo = Promise.withResolvers<void>();
  shop.receiver.answer = async ({ event }) => {
    if (event?.type === 'refund.created') {
      arrived.resolve();
      await mayGo.promise;
    }
    return 200;
  };
  const first = refund();
  await arrived.promise;
  expect(await refusalOf(refund())).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
  mayGo.resolve();
  expect((await refund()).id).toBe((await first).id);
});

test('a parameter that is refused burns no key', async () => {
  await refusalOf(create('typo', { colour: 'red' }));
  expect((await create('typo')).status).toBe('open');
});

test('a refusal from the middle of the work is kept', async () => {
  const { intent } = await pay(shop);
  const tooMuch = () =>
    shop.stripe.refunds.create({ payment_intent: intent, amount: 9999 }, { idempotencyKey: 'much' });
  const first = await refusalOf(tooMuch());
  const again = await refusalOf(tooMuch());
  expect(again.message).toBe(first.message);
  expect(again.headers).toMatchObject({ 'idempotent-replayed': 'true', 'original-request': first.requestId });
});

test.each([
  ['after', 1],
  ['before', 0],
])('a 500 %s the effect is replayed', async (when, made) => {
  shop.turnOn('api-error', 'POST /v1/checkout', when);
  const before = (await shop.state()).sessions.length;
  const first = await refusalOf(create(`500 ${when}`));
  const again = await refusalOf(create(`500 ${when}`));
  expect(first).toMatchObject({ statusCode: 500, rawType: 'api_error' });
  expect(again.headers).toMatchObject({ 'idempotent-replayed': 'true', 'original-request': first.requestId });
  expect((await shop.state()).sessions).toHaveLength(before + made);
});

test('a key is forgotten after 24 hours', async () => {
  const first = await create('old');
  const kept = shop.self.store.collection<Kept>('stripe.idempotency');
  const row = kept.get('old') as Kept;
  kept.set('old', { ...row, at: row.at - 23 * 3600_000 });
  expect((await create('old')).id).toBe(first.id);
  kept.set('old', { ...row, at: row.at - 24 * 3600_000 });
  expect((await create('old')).id).not.toBe(first.id);
});
