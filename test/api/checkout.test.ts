import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CheckoutSession, Invoice } from '../../db/entities/index.ts';
import { openShop, type Shop } from './shop.ts';
import { type Api, customerLogin, PERSON } from './support.ts';

let api: Api;
let placeOrder: Shop['placeOrder'];
beforeAll(async () => {
  ({ api, placeOrder } = await openShop());
});
afterAll(() => api.close());

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
