import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { openShop, order, pay, refusalOf, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const now = () => Math.floor(Date.now() / 1000);
const create = (more: object) => shop.stripe.checkout.sessions.create(order(more as never));

test('a session is made, read and listed with what was asked for', async () => {
  const made = await create({
    client_reference_id: 'invoice-1',
    metadata: { orderId: 'order-1' },
    expires_at: now() + 3600,
    expand: ['line_items'],
  });
  expect(made).toMatchObject({
    object: 'checkout.session',
    amount_total: 1250,
    currency: 'eur',
    client_reference_id: 'invoice-1',
    metadata: { orderId: 'order-1' },
    payment_intent: null,
    payment_status: 'unpaid',
    status: 'open',
    livemode: false,
  });
  expect(made.line_items?.data.map((line) => [line.description, line.quantity, line.amount_total])).toEqual([
    ['CloudPod Mini', 1, 1000],
    ['Extra IP', 2, 250],
  ]);
  const { line_items: _, ...bare } = made;
  expect(await shop.stripe.checkout.sessions.retrieve(made.id)).toEqual(bare);
  expect((await shop.stripe.checkout.sessions.list({ limit: 1 })).data).toEqual([bare]);
});

test('paying makes one charge whose intent carries its own metadata', async () => {
  const { session, intent } = await pay(shop, { payment_intent_data: { metadata: { invoiceId: 'invoice-2' } } });
  expect(session).toMatchObject({ status: 'complete', payment_status: 'paid', url: null });
  const charges = await shop.stripe.charges.list({ payment_intent: intent });
  expect(charges.data).toMatchObject([{ amount: 1250, status: 'succeeded', metadata: { invoiceId: 'invoice-2' } }]);
  const expanded = await shop.stripe.checkout.sessions.retrieve(session.id, {
    expand: ['payment_intent.latest_charge'],
  });
  expect(expanded.payment_intent).toMatchObject({ status: 'succeeded', latest_charge: { id: charges.data[0]?.id } });
});

test('a card is kept where the session asks for it, and can be charged later without the customer', async () => {
  const { session, intent } = await pay(shop, { payment_intent_data: { setup_future_usage: 'off_session' } });
  const { payment_method } = await shop.stripe.paymentIntents.retrieve(intent);
  const renewal: Stripe.PaymentIntentCreateParams = {
    amount: 900,
    currency: 'eur',
    customer: session.customer as string,
    payment_method: payment_method as string,
    off_session: true,
    confirm: true,
    metadata: { invoiceId: 'renewal-1' },
  };
  expect(await shop.stripe.paymentIntents.create(renewal)).toMatchObject({ status: 'succeeded', amount_received: 900 });
  const found = await shop.stripe.paymentIntents.search({
    query: "status:'succeeded' AND metadata['invoiceId']:'renewal-1'",
  });
  expect(found.data).toHaveLength(1);
  const declined = await refusalOf(
    shop.stripe.paymentIntents.create({ ...renewal, payment_method: 'pm_card_authenticationRequired' }),
  );
  expect(declined).toMatchObject({ statusCode: 402, rawType: 'card_error', code: 'authentication_required' });
  expect(declined.payment_intent).toMatchObject({ status: 'requires_payment_method' });
});

describe('expiry', () => {
  test('by call, once', async () => {
    const { id } = await create({});
    expect(await shop.stripe.checkout.sessions.expire(id)).toMatchObject({ status: 'expired', url: null });
    expect((await refusalOf(shop.stripe.checkout.sessions.expire(id))).message).toContain('has a status of "expired"');
  });

  test.each([
    [1500, 'at least 30 minutes'],
    [90_000, 'less than 24 hours'],
  ])('%d s from now is refused', async (seconds, words) => {
    const error = await refusalOf(create({ expires_at: now() + seconds }));
    expect(error).toMatchObject({ statusCode: 400, param: 'expires_at', message: expect.stringContaining(words) });
  });
});

describe('refuses as Stripe does', () => {
  const line = (price: object, quantity: unknown = 1) => ({
    line_items: [
      { quantity, price_data: { currency: 'eur', unit_amount: 1000, product_data: { name: 'Pod' }, ...price } },
    ],
  });

  test.each<[string, object, object]>([
    [
      'an unknown parameter',
      { colour: 'red' },
      { code: 'parameter_unknown', message: 'Received unknown parameter: colour' },
    ],
    ['one deep inside', line({ size: 1 }), { param: 'line_items[0][price_data][size]', code: 'parameter_unknown' }],
    ['a missing one', { mode: undefined }, { code: 'parameter_missing', message: 'Missing required param: mode.' }],
    ['no lines', { line_items: undefined }, { code: 'parameter_missing', param: 'line_items' }],
    [
      'a fraction',
      line({ unit_amount: 10.5 }),
      { code: 'parameter_invalid_integer', message: 'Invalid integer: 10.5' },
    ],
    ['no quantity', line({}, 0), { param: 'line_items[0][quantity]', message: 'Invalid positive integer' }],
    ['an empty text', { client_reference_id: '' }, { code: 'parameter_invalid_empty' }],
    ['a strange address', { success_url: 'paid.html' }, { code: 'url_invalid', param: 'success_url' }],
    ['a strange mailbox', { customer_email: 'ada' }, { code: 'email_invalid' }],
    ['two payers', { customer: 'cus_1' }, { message: expect.stringContaining('You may only specify one') }],
    [
      'a customer it does not know',
      { customer_email: undefined, customer: 'cus_1' },
      { code: 'resource_missing', message: "No such customer: 'cus_1'" },
    ],
    [
      'a currency there is none of',
      line({ currency: 'xyz' }),
      { message: expect.stringContaining('Invalid currency: xyz') },
    ],
    ['too little', line({ unit_amount: 49 }), { code: 'amount_too_small' }],
    ['too much', line({ unit_amount: 100_000_000 }), { code: 'amount_too_large' }],
    [
      'a fraction of a crown',
      line({ currency: 'isk', unit_amount: 10_050 }),
      { code: 'invalid_charge_amount_no_decimal_compatible' },
    ],
    [
      'long metadata',
      { metadata: { note: 'x'.repeat(501) } },
      { message: expect.stringContaining('up to 500 characters') },
    ],
    ['an odd mode', { mode: 'gift' }, { param: 'mode' }],
    ['a property that is none', { expand: ['colour'] }, { message: 'This property cannot be expanded (colour).' }],
  ])('%s', async (_, params, expected) => {
    expect(await refusalOf(create(params))).toMatchObject({
      statusCode: 400,
      rawType: 'invalid_request_error',
      ...expected,
    });
  });

  test('what is not there, strangers and unknown paths', async () => {
    const { stripe, env } = shop;
    const gone = await refusalOf(stripe.checkout.sessions.retrieve('cs_test_gone'));
    expect(gone).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      message: "No such checkout.session: 'cs_test_gone'",
    });
    expect(gone.requestId).toMatch(/^req_/);
    const stranger = await fetch(`${env.STRIPE_API_URL}/v1/charges`, {
      headers: { authorization: 'Bearer sk_test_4eC39HqLyjWDarjtT1' },
    });
    expect(stranger.status).toBe(401);
    expect(await stranger.json()).toMatchObject({
      error: { message: 'Invalid API Key provided: sk_test_************jtT1' },
    });
    const astray = await refusalOf(stripe.rawRequest('GET', '/v1/nonsense'));
    expect(astray.message).toContain('Unrecognized request URL (GET: /v1/nonsense)');
  });
});

test('a list may come without indexes, as curl users write it', async () => {
  const { id } = await create({});
  const answer = await fetch(
    `${shop.env.STRIPE_API_URL}/v1/checkout/sessions/${id}?expand[]=line_items&expand[]=customer`,
    {
      headers: { authorization: `Bearer ${shop.env.STRIPE_SECRET_KEY}` },
    },
  );
  expect(await answer.json()).toMatchObject({ customer: null, line_items: { object: 'list', has_more: false } });
});

test('lists go page by page, newest first', async () => {
  const made = [];
  for (let index = 0; index < 5; index++) made.unshift((await shop.stripe.customers.create({ name: `${index}` })).id);
  const ids: string[] = [];
  for await (const { data } of shop.stripe.events.list({ type: 'customer.created', limit: 2 }))
    ids.push((data.object as Stripe.Customer).id);
  expect(ids.slice(0, 5)).toEqual(made);
  const { data } = await shop.stripe.events.list({ type: 'customer.created', limit: 3 });
  const back = await shop.stripe.events.list({ type: 'customer.created', ending_before: data[2]?.id ?? '', limit: 1 });
  expect(back).toMatchObject({ data: [{ id: data[1]?.id }], has_more: true });
});
