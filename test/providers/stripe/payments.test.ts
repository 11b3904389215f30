import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ProviderError } from '../../../core/errors.ts';
import { createPayments } from '../../../providers/stripe/client.ts';
import type { CheckoutRequest, Payments } from '../../../providers/stripe/port.ts';
import type { FaultAction } from '../../../sandbox/lib/faults.ts';
import { openShop, type Shop } from '../../sandbox/stripe/shop.ts';
import { replay, startStripeMock } from '../../support/stripe-mock.ts';

let shop: Shop;
let payments: Payments;
beforeAll(async () => {
  shop = await openShop({ rude: false });
  payments = client();
});
afterEach(() => shop.self.faults.clear());
afterAll(() => shop.close());

const client = (more = {}) =>
  createPayments({
    apiUrl: shop.env.STRIPE_API_URL,
    secretKey: shop.env.STRIPE_SECRET_KEY ?? '',
    timeoutMs: 5000,
    ...more,
  });

let number = 0;
const request = (more: Partial<CheckoutRequest> = {}): CheckoutRequest => ({
  key: `invoice:${++number}:attempt:1`,
  invoiceId: `invoice-${number}`,
  orderId: `order-${number}`,
  tenantId: 'tenant-1',
  currency: 'eur',
  lines: [
    { description: 'CloudPod Mini', unitAmount: 999, quantity: 1 },
    { description: 'Extra IP', unitAmount: 200, quantity: 2 },
  ],
  customerEmail: 'ada@example.test',
  successUrl: 'http://127.0.0.1/paid',
  cancelUrl: 'http://127.0.0.1/back',
  expiresAt: new Date(Date.now() + 3600_000),
  ...more,
});

const fault = (match: string, phase: 'before' | 'after', action: FaultAction, times = 1) =>
  shop.self.faults.add({ match, phase, action, times });
const failureOf = async (call: Promise<unknown>) => {
  const error = await call.then(String, (thrown: unknown) => thrown);
  if (error instanceof ProviderError) return error;
  throw new Error(`expected a ProviderError, got ${String(error)}`);
};
const pay = ({ url }: { url: string | undefined }) => fetch(`${url}/pay`, { method: 'POST', redirect: 'manual' });
const paidIntent = async () => {
  const made = await payments.createCheckout(request());
  await pay(made);
  return (await payments.readCheckout(made.id))?.paymentIntent ?? '';
};
const refundOf = (paymentIntent: string, more = {}) => ({
  key: `refund:${++number}`,
  paymentIntent,
  amount: 400,
  reason: 'out of stock',
  ...more,
});
const sessionsOf = async ({ invoiceId }: CheckoutRequest) =>
  (await shop.state()).sessions.filter((session) => session.client_reference_id === invoiceId);

describe('checkout', () => {
  test('is made, paid and read', async () => {
    const asked = request();
    const made = await payments.createCheckout(asked);
    expect(made).toEqual({
      id: expect.stringMatching(/^cs_test_/),
      url: `${shop.env.STRIPE_API_URL}/c/pay/${made.id}`,
      status: 'open',
      paid: false,
      amountTotal: 1399,
      currency: 'eur',
      paymentIntent: undefined,
      invoiceId: asked.invoiceId,
    });
    await pay(made);
    const read = await payments.readCheckout(made.id);
    expect(read).toMatchObject({
      url: undefined,
      status: 'complete',
      paid: true,
      paymentIntent: expect.stringMatching(/^pi_/),
    });
    const intent = (await shop.state()).payment_intents.find(({ id }) => id === read?.paymentIntent);
    const { invoiceId, orderId, tenantId } = asked;
    expect(intent).toMatchObject({
      metadata: { invoiceId, orderId, tenantId },
      customer: expect.stringMatching(/^cus_/),
    });
  });

  test('a repeated call gives the same session', async () => {
    const asked = request();
    const [first, second] = [await payments.createCheckout(asked), await payments.createCheckout(asked)];
    expect(second).toEqual(first);
  });

  test('one that is not there reads as undefined', async () => {
    expect(await payments.readCheckout('cs_test_gone')).toBeUndefined();
  });

  test('a payment on its way is complete and not paid', async () => {
    const made = await payments.createCheckout(request());
    shop.turnOn('payment-processing', made.id, { ms: 60_000 });
    await pay(made);
    expect(await payments.readCheckout(made.id)).toMatchObject({ status: 'complete', paid: false });
  });

  test('a declined card leaves it open', async () => {
    const made = await payments.createCheckout(request());
    shop.turnOn('card-declined', made.id);
    await pay(made);
    expect(await payments.readCheckout(made.id)).toMatchObject({ status: 'open', paid: false, url: made.url });
  });

  test('expires; one that was paid meanwhile tells so', async () => {
    const [left, paid] = [await payments.createCheckout(request()), await payments.createCheckout(request())];
    await pay(paid);
    expect(await payments.expireCheckout(left.id)).toMatchObject({ status: 'expired', url: undefined });
    expect(await payments.expireCheckout(left.id)).toMatchObject({ status: 'expired' });
    expect(await payments.expireCheckout(paid.id)).toMatchObject({ status: 'complete', paid: true });
    expect((await failureOf(payments.expireCheckout('cs_test_gone'))).kind).toBe('absent');
  });
});

describe('refund', () => {
  test('in parts, each told with its key', async () => {
    const intent = await paidIntent();
    const asked = refundOf(intent);
    const view = await payments.refund(asked);
    expect(view).toEqual({ id: expect.stringMatching(/^re_/), amount: 400, status: 'succeeded', key: asked.key });
    const rest = await payments.refund(refundOf(intent, { amount: 999 }));
    expect(await payments.refunds(intent)).toEqual([rest, view]);
  });

  test('the same key never refunds twice, also after Stripe has forgotten it', async () => {
    const asked = refundOf(await paidIntent());
    const first = await payments.refund(asked);
    shop.self.store.collection('stripe.idempotency').clear();
    expect(await payments.refund(asked)).toEqual(first);
    expect(await payments.refunds(asked.paymentIntent)).toHaveLength(1);
  });

  test('is found among more than a page', async () => {
    const intent = await paidIntent();
    const asked = refundOf(intent, { amount: 1 });
    await payments.refund(asked);
    for (let index = 0; index < 100; index++) await shop.stripe.refunds.create({ payment_intent: intent, amount: 1 });
    await payments.refund(asked);
    expect(await payments.refunds(intent)).toHaveLength(101);
  });

  test('one that failed later reads as failed', async () => {
    const asked = refundOf(await paidIntent());
    shop.turnOn('refund-fails-later', asked.paymentIntent);
    expect((await payments.refund(asked)).status).toBe('succeeded');
    await shop.receiver.until((all) => all.some(({ event }) => event?.type === 'refund.failed'));
    expect(await payments.refund(asked)).toMatchObject({ status: 'failed' });
  });

  test.each([
    ['too much', async () => refundOf(await paidIntent(), { amount: 5000 }), 'refused', '400'],
    ['of nothing', async () => refundOf('pi_gone'), 'absent', 'resource_missing'],
  ])('%s', async (_, asked, kind, code) => {
    expect(await failureOf(payments.refund(await asked()))).toMatchObject({ kind, code });
  });
});

describe('a lost answer', () => {
  test('once is looked after by the SDK with our key', async () => {
    const asked = request();
    fault('POST /v1/checkout', 'after', { kind: 'drop' });
    expect((await payments.createCheckout(asked)).status).toBe('open');
    expect(await sessionsOf(asked)).toHaveLength(1);
  });

  test('twice is unknown; the repeated call finds what was made', async () => {
    const asked = request();
    fault('POST /v1/checkout', 'after', { kind: 'drop' }, 2);
    expect(await failureOf(payments.createCheckout(asked))).toMatchObject({ kind: 'unknown', code: 'ECONNRESET' });
    await payments.createCheckout(asked);
    expect(await sessionsOf(asked)).toHaveLength(1);
  });

  test('by time is unknown for a write and unavailable for a read', async () => {
    const impatient = client({ timeoutMs: 50 });
    fault('checkout', 'after', { kind: 'delay', ms: 300 }, 2);
    const asked = request();
    expect(await failureOf(impatient.createCheckout(asked))).toMatchObject({ kind: 'unknown' });
    const [made] = await sessionsOf(asked);
    expect(await failureOf(impatient.readCheckout(made?.id ?? ''))).toMatchObject({ kind: 'unavailable' });
  });

  test('of a refund: the refund is found, not repeated', async () => {
    const asked = refundOf(await paidIntent());
    fault('POST /v1/refunds', 'after', { kind: 'drop' }, 2);
    expect((await failureOf(payments.refund(asked))).kind).toBe('unknown');
    await payments.refund(asked);
    expect(await payments.refunds(asked.paymentIntent)).toHaveLength(1);
  });

  test('of the look before a refund: nothing was written', async () => {
    const asked = refundOf(await paidIntent());
    fault('GET /v1/refunds', 'before', {
      kind: 'status',
      status: 503,
      body: { error: { type: 'api_error', message: 'down' } },
    });
    expect(await failureOf(payments.refund(asked))).toMatchObject({ kind: 'unavailable', operation: 'refunds' });
  });

  test('nobody there', async () => {
    const astray = client({ apiUrl: 'http://127.0.0.1:9' });
    expect(await failureOf(astray.readCheckout('cs_1'))).toMatchObject({ kind: 'unavailable', code: 'ECONNREFUSED' });
    expect((await failureOf(astray.createCheckout(request()))).kind).toBe('unknown');
  });
});

describe('a 500', () => {
  test.each(['after', 'before'])(
    'kept under the key of a refund, %s its effect: refunded once in the end',
    async (when) => {
      const asked = refundOf(await paidIntent());
      shop.turnOn('api-error', 'POST /v1/refunds', when);
      expect(await failureOf(payments.refund(asked))).toMatchObject({ kind: 'unknown', code: '500' });
      expect(await payments.refund(asked)).toMatchObject({ status: 'succeeded', key: asked.key });
      expect(await payments.refunds(asked.paymentIntent)).toHaveLength(1);
    },
  );

  test('kept under the key of a checkout twice: the next keys are derived from what burnt them', async () => {
    const asked = request();
    shop.turnOn('api-error', 'POST /v1/checkout', 'before', 2);
    expect((await failureOf(payments.createCheckout(asked))).kind).toBe('unknown');
    expect((await failureOf(payments.createCheckout(asked))).kind).toBe('unknown');
    const made = await payments.createCheckout(asked);
    expect(await client().createCheckout(asked)).toEqual(made);
    expect(await sessionsOf(asked)).toHaveLength(1);
  });
});

describe('what Stripe says, in our terms', () => {
  const answer = (status: number, error: object, headers = {}): FaultAction => ({
    kind: 'status',
    status,
    body: { error },
    headers,
  });

  test.each<[string, FaultAction, object]>([
    [
      'a bad parameter',
      answer(400, { type: 'invalid_request_error', code: 'url_invalid', message: 'no' }),
      { kind: 'refused', code: 'url_invalid' },
    ],
    [
      'a declined card',
      answer(402, { type: 'card_error', code: 'card_declined', message: 'no' }),
      { kind: 'refused', code: 'card_declined' },
    ],
    [
      'a key without rights',
      answer(403, { type: 'invalid_request_error', message: 'no' }),
      { kind: 'denied', code: '403' },
    ],
    [
      'too many calls',
      answer(429, { type: 'invalid_request_error', code: 'rate_limit', message: 'slow' }, { 'retry-after': '2' }),
      { kind: 'busy', retryAfterMs: 2000 },
    ],
    ['a lock', answer(429, { type: 'invalid_request_error', code: 'lock_timeout', message: 'held' }), { kind: 'busy' }],
    [
      'a key in flight',
      answer(409, { type: 'idempotency_error', code: 'idempotency_key_in_use', message: 'twice' }),
      { kind: 'busy' },
    ],
    [
      'a key used for something else',
      answer(400, { type: 'idempotency_error', message: 'other' }),
      { kind: 'refused' },
    ],
    ['a broken Stripe', answer(500, { type: 'api_error', message: 'sorry' }), { kind: 'unknown', code: '500' }],
    ['a page of a proxy', { kind: 'status', status: 502, body: '<html>bad gateway</html>' }, { kind: 'unknown' }],
  ])('%s', async (_, action, expected) => {
    fault('POST /v1/checkout', 'before', action);
    const error = await failureOf(payments.createCheckout(request()));
    expect(error).toMatchObject({ provider: 'stripe', operation: 'createCheckout', ...expected });
  });

  test('a wrong key', async () => {
    const secretKey = 'sk_test_4eC39HqLyjWDarjtT1zdp7dc';
    const error = await failureOf(client({ secretKey }).createCheckout(request()));
    expect(error.kind).toBe('denied');
    expect(`${error.message}${error.detail}`).not.toContain(secretKey);
  });
});

test('what Stripe does not know is refused by the genuine stripe-mock', async () => {
  const mock = await startStripeMock();
  await mock?.close();
  const [entry] = shop.self.log.list({ match: 'POST /v1/checkout', limit: 1 }).map((found) => structuredClone(found));
  Object.assign(entry?.request as object, { body: 'mode=payment&colour=red' });
  expect((await replay(entry ? [entry] : [])).map(({ status }) => status)).toEqual(mock ? [400] : []);
});
