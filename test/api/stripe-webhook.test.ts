import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Invoice, Job, Outbox, Payment, StripeEvent } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { openShop, type Shop } from './shop.ts';
import { event, signed, stripeAt } from './stripe-events.ts';
import { type Api, WEBHOOK_SECRET } from './support.ts';

let api: Api;
let placeOrder: Shop['placeOrder'];
let send: ReturnType<typeof stripeAt>['send'];
let stored: ReturnType<typeof stripeAt>['stored'];
beforeAll(async () => {
  ({ api, placeOrder } = await openShop());
  ({ send, stored } = stripeAt(api));
});
afterAll(() => api.close());

describe('POST /api/payments/stripe/webhook', () => {
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

  const now = () => Math.floor(Date.now() / 1000);
  const sign = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex');
});
