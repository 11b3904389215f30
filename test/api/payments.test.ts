import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { CheckoutSession, Invoice, Job, Outbox, Payment, StripeEvent } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { type Api, customerLogin, PERSON, startApi, stock, WEBHOOK_SECRET } from './support.ts';

let api: Api;
let podId: string;
let customerId: string;

beforeAll(async () => {
  api = await startApi({ STRIPE_SECRET_KEY: 'sk_test_x', UNPAID_ORDERS_MAX: '100' });
  podId = (await stock(api, 40)).products.pod.id;
  customerId = (await api.admin('POST', '/api/customers', { body: PERSON })).body.id;
});
afterAll(() => api.close());

async function placeOrder(): Promise<{ orderId: string; invoiceId: string; job: Job }> {
  const items = [{ productId: podId, billingCycle: 'monthly', quantity: 1 }];
  const { body } = await api.admin('POST', '/api/orders', { body: { customerId, items } });
  const job = await api.orm.em.fork().findOneOrFail(Job, { id: body.order.jobId });
  return { orderId: body.order.id, invoiceId: body.invoice.id, job };
}

describe('POST /api/payments/session', () => {
  const URLS = { successUrl: 'https://panel.example/ok', cancelUrl: 'https://panel.example/no' };
  const open = (invoiceId: string, headers = {}) =>
    api.admin('POST', '/api/payments/session', { body: { invoiceId, ...URLS }, headers });

  /** Answers as the worker does: writes what Stripe said into the row. */
  function stripeAnswers() {
    let count = 0;
    api.engine.answer = async (_, input) => {
      const stripeId = `cs_test_${++count}_${Date.now()}`;
      const url = `https://checkout.stripe.com/pay/${stripeId}`;
      const { sessionId } = input as { sessionId: string };
      await api.orm.em.fork().nativeUpdate(CheckoutSession, { id: sessionId }, { stripeId, url, status: 'open' });
      return { stripeId, url };
    };
  }

  test('200 with a page, and the same one again while it is open', async () => {
    stripeAnswers();
    const { invoiceId } = await placeOrder();
    const first = await open(invoiceId);
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      provider: 'stripe',
      sessionId: expect.stringMatching(/^cs_test_/),
      checkoutUrl: expect.stringContaining('https://checkout.stripe.com/pay/cs_test_'),
    });
    const asked = api.engine.asked.length;
    expect((await open(invoiceId)).body).toEqual(first.body);
    expect(api.engine.asked.length).toBe(asked);
  });

  test('200 with a new page when the old one has expired', async () => {
    stripeAnswers();
    const { invoiceId } = await placeOrder();
    const first = await open(invoiceId);
    await api.orm.em.fork().nativeUpdate(CheckoutSession, { invoiceId }, { expiresAt: new Date() });
    expect((await open(invoiceId)).body.sessionId).not.toBe(first.body.sessionId);
  });

  test('200 the same for the same Idempotency-Key, though the page has expired', async () => {
    stripeAnswers();
    const { invoiceId } = await placeOrder();
    const key = { 'idempotency-key': `session-${invoiceId}` };
    const first = await open(invoiceId, key);
    await api.orm.em.fork().nativeUpdate(CheckoutSession, { invoiceId }, { expiresAt: new Date() });
    expect((await open(invoiceId, key)).text).toBe(first.text);
  });

  test('422 AMOUNT_UNPAYABLE where no card pays so little, or so much', async () => {
    const { invoiceId } = await placeOrder();
    for (const reason of ['too_small', 'too_large']) {
      api.engine.answer = () => ({ unpayable: reason });
      const { status, body } = await open(invoiceId);
      expect([status, body.error.code, body.error.details]).toEqual([422, 'AMOUNT_UNPAYABLE', { reason }]);
    }
  });

  test('504 when Stripe is slow; the next try asks with the same row', async () => {
    const { invoiceId } = await placeOrder();
    api.engine.answer = () => 'late';
    const { status, body } = await open(invoiceId);
    expect([status, body.error.code]).toEqual([504, 'PROVIDER_TIMEOUT']);
    stripeAnswers();
    expect((await open(invoiceId)).status).toBe(200);
    const [late, then] = api.engine.asked.slice(-2);
    expect(then).toEqual(late);
  });

  test('502 when Stripe refuses', async () => {
    const { invoiceId } = await placeOrder();
    api.engine.answer = () => Promise.reject(new Error('card network on fire'));
    const { status, text } = await open(invoiceId);
    expect(status).toBe(502);
    expect(text).not.toContain('fire');
  });

  test('409 for an invoice that is not unpaid', async () => {
    const { invoiceId } = await placeOrder();
    await api.orm.em.fork().nativeUpdate(Invoice, { id: invoiceId }, { status: 'cancelled' });
    expect((await open(invoiceId)).status).toBe(409);
  });

  test('404 for an invoice of somebody else; 422 for an address that is no page', async () => {
    const { invoiceId } = await placeOrder();
    const { call } = await customerLogin(api, { ...PERSON, email: 'other@example.com' });
    expect((await call('POST', '/api/payments/session', { body: { invoiceId, ...URLS } })).status).toBe(404);
    const script = { invoiceId, ...URLS, successUrl: 'javascript:alert(1)' };
    expect((await api.admin('POST', '/api/payments/session', { body: script })).status).toBe(422);
  });
});

describe('POST /api/payments/stripe/webhook', () => {
  const stripe = new Stripe('sk_test_x');
  const event = (id: string, object: object, type = 'checkout.session.completed') =>
    JSON.stringify({ id, object: 'event', type, created: 1, data: { object } });
  const signed = (payload: string) => stripe.webhooks.generateTestHeaderString({ payload, secret: WEBHOOK_SECRET });
  const send = (raw: string, signature = signed(raw)) =>
    api.anyone('POST', '/api/payments/stripe/webhook', {
      raw,
      headers: {
        'content-type': 'application/json',
        'stripe-signature': signature,
      },
    });
  const stored = (id: string) => api.orm.em.fork().findOne(StripeEvent, { id });

  test.each<[string, (invoiceId: string) => object]>([
    ['metadata', (id) => ({ id: 'cs_1', metadata: { invoiceId: id } })],
    ['reference', (id) => ({ id: 'cs_2', metadata: {}, client_reference_id: id })],
  ])('200 keeps the event and signals the order found by its %s', async (name, object) => {
    const { invoiceId, job } = await placeOrder();
    const { status, text } = await send(event(`evt_${name}`, object(invoiceId)));
    expect([status, text]).toEqual([200, '']);
    expect(await stored(`evt_${name}`)).toMatchObject({ invoiceId, type: 'checkout.session.completed' });
    expect(api.engine.parcels.at(-1)).toMatchObject({
      workflowId: job.workflowId,
      kind: 'signal',
      name: 'payment',
      args: [`evt_${name}`],
    });
  });

  test('200 for an event about a payment we know: found by its intent', async () => {
    const { invoiceId, job } = await placeOrder();
    const em = api.orm.em.fork();
    const { tenantId } = await em.findOneOrFail(Invoice, { id: invoiceId });
    em.create(Payment, {
      id: newId(),
      tenantId,
      invoiceId,
      provider: 'stripe',
      reference: 'pi_known',
      amount: 999,
      currency: 'USD',
    });
    await em.flush();
    await send(event('evt_refund', { id: 're_1', metadata: {}, payment_intent: 'pi_known' }, 'refund.failed'));
    expect(await stored('evt_refund')).toMatchObject({ invoiceId });
    expect(api.engine.parcels.at(-1)).toMatchObject({ workflowId: job.workflowId, args: ['evt_refund'] });
  });

  test('200 twice, one signal', async () => {
    const { invoiceId, job } = await placeOrder();
    const raw = event('evt_twice', { id: 'cs_3', metadata: { invoiceId: invoiceId } });
    await send(raw);
    expect((await send(raw)).status).toBe(200);
    expect(await api.orm.em.fork().count(Outbox, { workflowId: job.workflowId, kind: 'signal' })).toBe(1);
  });

  test('200 for an invoice that is not ours, kept without one', async () => {
    expect((await send(event('evt_foreign', { id: 'cs_4', metadata: { invoiceId: 'in_1' } }))).status).toBe(200);
    expect(await stored('evt_foreign')).toMatchObject({ invoiceId: null });
  });

  test('200 for an order that has ended: settled by a job of its own', async () => {
    const { orderId, invoiceId, job } = await placeOrder();
    await api.orm.em.fork().nativeUpdate(Job, { id: job.id }, { status: 'cancelled' });
    await send(event('evt_late', { id: 'cs_5', metadata: { invoiceId: invoiceId } }));
    const settle = await api.orm.em.fork().findOneOrFail(Job, { type: 'payment_settle', targetId: orderId });
    expect(api.engine.parcels.at(-1)).toMatchObject({ kind: 'start', workflowId: settle.workflowId });
  });

  test('200 quickly while the engine hangs; the outbox keeps the signal', async () => {
    const { invoiceId, job } = await placeOrder();
    api.engine.delivery = () => new Promise(() => undefined);
    const began = Date.now();
    const { status } = await send(event('evt_hang', { id: 'cs_6', metadata: { invoiceId: invoiceId } }));
    expect([status, Date.now() - began < 1000]).toEqual([200, true]);
    api.engine.delivery = () => 'sent';
    const row = await api.orm.em.fork().findOneOrFail(Outbox, { workflowId: job.workflowId, kind: 'signal' });
    expect(row.state).toBe('pending');
  });

  test.each<[string, (raw: string) => string]>([
    ['forged', (raw) => `t=${now()},v1=${sign('whsec_other', `${now()}.${raw}`)}`],
    ['stale', (raw) => `t=${now() - 400},v1=${sign(WEBHOOK_SECRET, `${now() - 400}.${raw}`)}`],
    ['of another body', () => `t=${now()},v1=${sign(WEBHOOK_SECRET, `${now()}.{}`)}`],
    ['rubbish', () => 'rubbish'],
    ['missing', () => ''],
  ])('400 for a signature that is %s, kept nowhere', async (name, signature) => {
    const id = `evt_bad_${name.replaceAll(' ', '_')}`;
    const raw = event(id, { id: 'cs_7' });
    const { status, body } = await send(raw, signature(raw));
    expect([status, body.error.code]).toEqual([400, 'INVALID_SIGNATURE']);
    expect(await stored(id)).toBeNull();
  });

  test('413 for a body over the limit, signed or not, and for one that unpacks to more', async () => {
    expect((await send('x'.repeat(1_100_000), 'x')).status).toBe(413);
    const huge = event('evt_huge', { id: 'cs_8', metadata: { text: 'x'.repeat(1_100_000) } });
    expect((await send(huge)).status).toBe(413);
    const headers = {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'stripe-signature': signed(huge),
    };
    const bomb = await api.anyone('POST', '/api/payments/stripe/webhook', { raw: gzipSync(huge), headers });
    expect(bomb.status).toBe(413);
    expect(await stored('evt_huge')).toBeNull();
  });

  test('200 whatever the content type says: the signature decides', async () => {
    const raw = event('evt_typeless', { id: 'cs_9' }, 'payout.paid');
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1']) {
      const headers = { 'content-type': type, 'stripe-signature': signed(raw) };
      expect((await api.anyone('POST', '/api/payments/stripe/webhook', { raw, headers })).status).toBe(200);
    }
    expect(await stored('evt_typeless')).toMatchObject({ type: 'payout.paid' });
  });

  test.each([
    'not json',
    '',
    'null',
    '[]',
    '{}',
    '{"id":"evt_x","type":"x","data":{"object":1}}',
    '{"object":"v2.core.event"}',
  ])('400 for a signed body that is no event: %s', async (raw) => {
    expect((await send(raw)).status).toBe(400);
  });

  test('200 for text that the database cannot hold', async () => {
    const raw = event('evt_text', { id: 'cs_10', metadata: { note: 'a\u0000b\ud800' } }, 'payout.paid');
    expect((await send(raw)).status).toBe(200);
    expect(await stored('evt_text')).toMatchObject({
      payload: { data: { object: { metadata: { note: 'a\ufffdb\ufffd' } } } },
    });
  });

  test('200 for 50 copies at once: kept once, one signal; of a closed order, one job', async () => {
    const [open, closed] = [await placeOrder(), await placeOrder()];
    await api.orm.em.fork().nativeUpdate(Job, { id: closed.job.id }, { status: 'completed' });
    const raws = [open, closed].map(({ invoiceId }) =>
      event(`evt_fifty_${invoiceId}`, { id: 'cs_11', metadata: { invoiceId } }),
    );
    const answers = await Promise.all(Array.from({ length: 50 }).flatMap(() => raws.map((raw) => send(raw))));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const em = api.orm.em.fork();
    expect(await em.count(StripeEvent, { id: { $like: 'evt_fifty_%' } })).toBe(2);
    expect(await em.count(Outbox, { workflowId: open.job.workflowId, kind: 'signal' })).toBe(1);
    expect(await em.count(Job, { type: 'payment_settle', targetId: closed.orderId })).toBe(1);
  });

  test('200 in whatever order events come: each that tells of money is one more reason to look', async () => {
    const { invoiceId, job } = await placeOrder();
    const types = [
      'charge.succeeded',
      'checkout.session.completed',
      'payment_intent.succeeded',
      'checkout.session.expired',
    ];
    for (const type of types) await send(event(`evt_order_${type}`, { id: 'cs_12', metadata: { invoiceId } }, type));
    const signals = await api.orm.em.fork().find(Outbox, { workflowId: job.workflowId, kind: 'signal' });
    expect(signals.map(({ eventId }) => eventId)).toEqual(['evt_order_checkout.session.completed']);
    for (const type of types) expect(await stored(`evt_order_${type}`)).toMatchObject({ invoiceId });
  });

  describe('shown to operators', () => {
    const shown = async (eventId: string) => {
      const { body } = await api.admin('GET', '/api/system/events?pageSize=200');
      return body.items.filter((item: { data: { eventId: string } }) => item.data.eventId === eventId);
    };

    test('an event about an invoice that is not here, once', async () => {
      const invoice = newId();
      const raw = event('evt_unknown', { id: 'cs_13', metadata: { invoiceId: invoice } });
      await Promise.all([send(raw), send(raw)]);
      expect(await shown('evt_unknown')).toEqual([
        expect.objectContaining({
          type: 'payment.unknown_invoice',
          level: 'warning',
          tenantId: null,
          data: { eventId: 'evt_unknown', objectId: 'cs_13', invoice, paymentIntent: null },
        }),
      ]);
    });

    test.each<[string, object]>([
      ['of the other mode', { livemode: true }],
      ['of a connected account', { account: 'acct_other' }],
    ])('an event %s, which moves nothing here', async (name, more) => {
      const { invoiceId, job } = await placeOrder();
      const id = `evt_${name.replaceAll(' ', '_')}`;
      const raw = JSON.stringify({ ...JSON.parse(event(id, { id: 'cs_14', metadata: { invoiceId } })), ...more });
      expect((await send(raw)).status).toBe(200);
      expect(await stored(id)).toMatchObject({ invoiceId: null });
      expect(await shown(id)).toEqual([expect.objectContaining({ type: 'payment.foreign_event' })]);
      expect(await api.orm.em.fork().count(Outbox, { workflowId: job.workflowId, kind: 'signal' })).toBe(0);
    });

    test('a dispute, under the tenant whose invoice it is about', async () => {
      const { invoiceId } = await placeOrder();
      const { tenantId } = await api.orm.em.fork().findOneOrFail(Invoice, { id: invoiceId });
      await send(event('evt_dispute', { id: 'dp_1', metadata: { invoiceId } }, 'charge.dispute.created'));
      expect(await shown('evt_dispute')).toEqual([expect.objectContaining({ type: 'payment.disputed', tenantId })]);
    });

    test('and not what is about nothing of ours, nor what is in order; nor to anybody else', async () => {
      const { invoiceId } = await placeOrder();
      await send(event('evt_payout', { id: 'po_1' }, 'payout.paid'));
      await send(event('evt_fine', { id: 'cs_15', metadata: { invoiceId } }));
      expect([...(await shown('evt_payout')), ...(await shown('evt_fine'))]).toEqual([]);
      const { call } = await customerLogin(api, { ...PERSON, email: 'curious@example.com' });
      expect((await call('GET', '/api/system/events')).status).toBe(404);
    });

    test('by type and level', async () => {
      await send(event('evt_filtered', { id: 'cs_16', metadata: { invoiceId: newId() } }));
      const { body } = await api.admin(
        'GET',
        '/api/system/events?type=payment.unknown_invoice&level=warning&sort=-createdAt',
      );
      expect(body.items[0].data.eventId).toBe('evt_filtered');
      expect(new Set(body.items.map(({ type }: { type: string }) => type))).toEqual(
        new Set(['payment.unknown_invoice']),
      );
      expect((await api.admin('GET', '/api/system/events?level=error')).body.total).toBe(0);
      expect((await api.admin('GET', '/api/system/events?level=loud')).status).toBe(400);
    });
  });

  const now = () => Math.floor(Date.now() / 1000);
  const sign = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex');
});

describe('PATCH /api/invoices/:id/status', () => {
  const patch = (id: string, status: string, call = api.admin) =>
    call('PATCH', `/api/invoices/${id}/status`, { body: { status } });

  /** The order's workflow, as far as the invoice goes: it decides when it is told. */
  function workflowSets(invoiceId: string, status: Invoice['status']) {
    api.engine.delivery = async (): Promise<'sent'> => {
      await api.orm.em.fork().nativeUpdate(Invoice, { id: invoiceId }, { status });
      return 'sent';
    };
  }

  test('200 paid: an offline payment and the signal to look', async () => {
    const { invoiceId, job } = await placeOrder();
    workflowSets(invoiceId, 'paid');
    const { status, body } = await patch(invoiceId, 'paid');
    expect([status, body.status]).toEqual([200, 'paid']);
    const payment = await api.orm.em.fork().findOneOrFail(Payment, { invoiceId });
    expect(payment).toMatchObject({ provider: 'offline', amount: 999, currency: 'USD' });
    expect(api.engine.parcels.at(-1)).toMatchObject({
      name: 'payment',
      args: [payment.id],
      workflowId: job.workflowId,
    });
    expect((await patch(invoiceId, 'cancelled')).status).toBe(409);
  });

  test('200 cancelled: the order is called off', async () => {
    const { invoiceId, job } = await placeOrder();
    workflowSets(invoiceId, 'cancelled');
    expect((await patch(invoiceId, 'cancelled')).body.status).toBe('cancelled');
    expect(api.engine.parcels.at(-1)).toMatchObject({ name: 'cancel', workflowId: job.workflowId });
    expect((await patch(invoiceId, 'paid')).status).toBe(409);
  });

  test('200 refunded: a job sends the money back', async () => {
    const { invoiceId } = await placeOrder();
    await api.orm.em.fork().nativeUpdate(Invoice, { id: invoiceId }, { status: 'paid' });
    workflowSets(invoiceId, 'refunded');
    expect((await patch(invoiceId, 'refunded')).body.status).toBe('refunded');
    expect(await api.orm.em.fork().count(Job, { type: 'invoice_refund', targetId: invoiceId })).toBe(1);
  });

  test('409 for every other change, 422 for no status at all', async () => {
    const { invoiceId } = await placeOrder();
    expect((await patch(invoiceId, 'unpaid')).status).toBe(409);
    expect((await patch(invoiceId, 'refunded')).status).toBe(409);
    expect((await patch(invoiceId, 'void')).status).toBe(422);
  });

  test('403 for the customer who may read it, 404 for another one', async () => {
    const { customer, call } = await customerLogin(api, { ...PERSON, email: 'payer@example.com' });
    const items = [{ productId: podId, billingCycle: 'monthly', quantity: 1 }];
    const { body } = await call('POST', '/api/orders', { body: { customerId: customer.id, items } });
    expect((await patch(body.invoice.id, 'paid', call)).status).toBe(403);
    expect((await patch((await placeOrder()).invoiceId, 'paid', call)).status).toBe(404);
    const { body: list } = await call('GET', '/api/invoices?status=unpaid');
    expect(list.items.map((invoice: { id: string }) => invoice.id)).toEqual([body.invoice.id]);
  });
});
