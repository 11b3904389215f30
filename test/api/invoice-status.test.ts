import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Invoice, Job, Payment } from '../../db/entities/index.ts';
import { openShop, type Shop } from './shop.ts';
import { type Api, customerLogin, PERSON } from './support.ts';

let api: Api;
let podId: string;
let placeOrder: Shop['placeOrder'];
beforeAll(async () => {
  ({ api, podId, placeOrder } = await openShop());
});
afterAll(() => api.close());

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
