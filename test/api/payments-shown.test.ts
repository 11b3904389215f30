import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Invoice, Outbox } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { openShop, type Shop } from './shop.ts';
import { event, stripeAt } from './stripe-events.ts';
import { type Api, customerLogin, PERSON } from './support.ts';

// What operators are told of payments: GET /system/events.

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

    test('a dispute of what has gone back already, with how much of it', async () => {
      const { invoiceId } = await placeOrder();
      const about = (id: string) => event(id, { id: 'dp_2', metadata: { invoiceId } }, 'charge.dispute.created');
      await send(about('evt_kept'));
      await api.orm.em.fork().nativeUpdate(Invoice, { id: invoiceId }, { amountRefunded: 400 });
      await send(about('evt_back'));
      const told = async (id: string) => (await shown(id)).map(({ message }: { message: string }) => message);
      expect(await told('evt_kept')).toEqual([expect.not.stringMatching(/went back/)]);
      expect(await told('evt_back')).toEqual([expect.stringMatching(/as evidence: .*4\.00.* went back already/)]);
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
});
