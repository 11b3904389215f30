import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Customer, Invoice, PlacedOrder } from '../support/client.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage/index.ts';
import { press } from './stage/shop.ts';
import { paidEvent, postEvent } from './stage/webhook.ts';

const PRICE = 499;

/** The cheapest thing that holds capacity, and so shows whether it is given back. */
async function place(stage: Stage): Promise<PlacedOrder & { customer: Customer }> {
  const customer = await stage.customer();
  return { customer, ...(await stage.place(customer, [stage.pod(undefined, { sku: 'CPOD-CT' })])) };
}

const setStatus = (stage: Stage, invoiceId: string, status: Invoice['status']) =>
  stage.admin.send<Invoice>('PATCH', `/invoices/${invoiceId}/status`, { status });

/** Guests of an order's items, as Proxmox has them. */
async function guestsOf(stage: Stage, { order }: PlacedOrder): Promise<number> {
  const ids = order.items.map(({ resourceId }) => resourceId);
  return (await stage.world.guests()).filter(({ config }) => ids.some((id) => config.description?.includes(id))).length;
}

async function held(stage: Stage, { order }: PlacedOrder): Promise<number> {
  const ids = order.items.map(({ resourceId }) => resourceId);
  const rows = await stage.sql<{ count: number }>(
    `select (select count(*) from ip_address where instance_id = any($1))::int
      + (select count(*) from vmid_slot where instance_id = any($1))::int as count`,
    [ids],
  );
  return rows[0]?.count ?? -1;
}

const sessionsOf = async (stage: Stage, invoiceId: string): Promise<string[]> =>
  (await stage.world.stripe()).sessions
    .filter((session) => session.client_reference_id === invoiceId)
    .map(({ status }) => status);

describe('money for an order', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(() => stage?.close());

  /** A second page, as a customer gets who comes back when the first is nearly over. */
  async function twoPages(invoiceId: string): Promise<[string, string]> {
    const first = await stage.checkout(invoiceId);
    await stage.sql('update checkout_session set expires_at = now() where invoice_id = $1', [invoiceId]);
    const second = await stage.checkout(invoiceId);
    expect(second).not.toBe(first);
    return [first, second];
  }

  test('an order that its coupon leaves nothing of starts at once, charges nobody, and is delivered', async () => {
    await stage.admin.post('/billing/coupons', { code: 'ONTHEHOUSE', kind: 'percent', percent: 100 });
    const { id: customerId } = await stage.customer();
    const items = [stage.pod(undefined, { sku: 'CPOD-CT' })];
    const wish = { customerId, items, couponCode: 'onthehouse' };
    const placed = await stage.admin.post<PlacedOrder>('/orders', wish);
    expect(placed.invoice.amount).toBe(0);
    expect(await stage.ended(placed.order.id)).toMatchObject({ status: 'active', total: 0 });
    expect(await guestsOf(stage, placed)).toBe(1);
    expect(await stage.invoice(placed.invoice.id)).toMatchObject({ status: 'paid', total: 0, discount: PRICE / 100 });
    expect(await stage.world.money(placed.invoice.id)).toEqual({ charged: [], refunded: [] });
  });

  test('paid on two pages at once: one payment counts, the other goes back, one guest is made', async () => {
    const placed = await place(stage);
    const pages = await twoPages(placed.invoice.id);
    // We hear of it late, so that both are paid before either can be closed.
    const late = { name: 'webhook-late', data: { ms: 500 } };
    await stage.outside.fault('stripe', {
      match: '',
      phase: 'switch',
      action: { kind: 'switch', ...late },
      times: null,
    });
    await Promise.all(pages.map((page) => press(page, 'pay')));
    await stage.outside.mend('stripe');
    expect(await stage.ended(placed.order.id)).toMatchObject({ status: 'active' });
    await until('the surplus is back', async () => {
      expect(await stage.world.money(placed.invoice.id)).toEqual({ charged: [PRICE, PRICE], refunded: [PRICE] });
      return true;
    });
    expect(await guestsOf(stage, placed)).toBe(1);
    expect(await stage.invoice(placed.invoice.id)).toMatchObject({ status: 'paid', amountRefunded: 0 });
    const mails = await until('the customer is told', async () => {
      const sent = await stage.world.mails(placed.customer.email);
      return sent.length === 2 ? sent : undefined;
    });
    expect(mails.map(({ subject }) => subject).sort()).toEqual([
      'Your money is on its way back',
      'Your order is ready',
    ]);
  });

  test('paid on one page: the other is closed, and cannot be paid any more', async () => {
    const placed = await place(stage);
    const [first, second] = await twoPages(placed.invoice.id);
    await press(first, 'pay');
    expect(await stage.ended(placed.order.id)).toMatchObject({ status: 'active' });
    expect((await sessionsOf(stage, placed.invoice.id)).sort()).toEqual(['complete', 'expired']);
    expect(await press(second, 'pay')).toBe(409);
    expect(await stage.world.money(placed.invoice.id)).toEqual({ charged: [PRICE], refunded: [] });
  });

  test('a debit that comes in after a card was charged: its money goes back', async () => {
    const placed = await place(stage);
    const [first, second] = await twoPages(placed.invoice.id);
    const debit = { name: 'payment-processing', data: { outcome: 'paid', ms: 8_000 } };
    await stage.outside.fault('stripe', { match: '^pay', phase: 'switch', action: { kind: 'switch', ...debit } });
    await press(first, 'pay');
    await press(second, 'pay');
    expect(await stage.ended(placed.order.id)).toMatchObject({ status: 'active' });
    await until('the surplus is back', async () => {
      expect(await stage.world.money(placed.invoice.id)).toEqual({ charged: [PRICE, PRICE], refunded: [PRICE] });
      return true;
    });
    expect(await stage.order(placed.order.id)).toMatchObject({ status: 'active' });
    expect(await guestsOf(stage, placed)).toBe(1);
  });

  test('declined, then paid with another card: charged once and delivered', async () => {
    const placed = await place(stage);
    const page = await stage.checkout(placed.invoice.id);
    await press(page, 'decline');
    expect(await stage.order(placed.order.id)).toMatchObject({ status: 'pending' });
    expect(await stage.world.money(placed.invoice.id)).toEqual({ charged: [], refunded: [] });
    expect(await stage.checkout(placed.invoice.id)).toBe(page);
    await press(page, 'pay');
    expect(await stage.ended(placed.order.id)).toMatchObject({ status: 'active' });
    expect(await stage.world.money(placed.invoice.id)).toEqual({ charged: [PRICE], refunded: [] });
  });

  test.each(['webhook-twice', 'webhook-reversed', 'webhook-stale-signature', 'webhook-bad-signature'])(
    '%s: the order is delivered once all the same',
    async (name) => {
      const placed = await place(stage);
      const page = await stage.checkout(placed.invoice.id);
      const times = name.endsWith('signature') ? 1 : null;
      await stage.outside.fault('stripe', { match: '', phase: 'switch', action: { kind: 'switch', name }, times });
      await press(page, 'pay');
      expect(await stage.ended(placed.order.id)).toMatchObject({ status: 'active' });
      await stage.outside.mend('stripe');
      const about = `select count(*)::int as count, count(distinct id)::int as distinct from stripe_event where invoice_id = $1`;
      await until('every event has come in', async () => {
        const { events } = await stage.world.stripe();
        return events.every(({ deliveries }) => deliveries.every(({ state }) => state === 'delivered'));
      });
      const [kept] = await stage.sql<{ count: number; distinct: number }>(about, [placed.invoice.id]);
      expect(kept?.count).toBeGreaterThan(0);
      expect(kept?.count).toBe(kept?.distinct);
      expect(await guestsOf(stage, placed)).toBe(1);
      expect(await stage.world.money(placed.invoice.id)).toEqual({ charged: [PRICE], refunded: [] });
    },
  );

  test('an event that is forged or old is refused and leaves no trace', async () => {
    const placed = await place(stage);
    const id = `evt_${randomUUID()}`;
    const event = paidEvent(id, placed.invoice.id);
    expect(await postEvent(stage, event, { secret: 'whsec_of_somebody_else' })).toBe(400);
    expect(await postEvent(stage, event, { at: Date.now() - 3_600_000 })).toBe(400);
    expect(await stage.sql('select * from stripe_event where id = $1', [id])).toEqual([]);
    expect(await stage.order(placed.order.id)).toMatchObject({ status: 'pending' });
  });

  test('a signed event is a reason to look at Stripe, no proof of a payment', async () => {
    const placed = await place(stage);
    await stage.checkout(placed.invoice.id);
    const seen = (await stage.outside.requests('stripe')).at(-1)?.seq ?? 0;
    expect(await postEvent(stage, paidEvent(`evt_${randomUUID()}`, placed.invoice.id))).toBe(200);
    await until(
      'Stripe was asked',
      async () => (await stage.outside.requests('stripe', '^GET /v1/checkout/sessions/cs_test', seen)).length > 0,
    );
    const { steps } = await until('the looking has ended', async () => {
      const job = await stage.job(placed.order.jobId);
      return job.steps.some(({ name, status }) => name === 'settle payments' && status === 'done') ? job : undefined;
    });
    expect(steps.map(({ name }) => name)).toEqual(['settle payments']);
    expect(await stage.order(placed.order.id)).toMatchObject({ status: 'pending' });
    expect(await stage.invoice(placed.invoice.id)).toMatchObject({ status: 'unpaid' });
  });

  test('an event about an invoice that is not ours is thanked for and kept', async () => {
    const id = `evt_${randomUUID()}`;
    expect(await postEvent(stage, paidEvent(id, randomUUID()))).toBe(200);
    expect(await stage.sql('select id, invoice_id from stripe_event where id = $1', [id])).toEqual([
      { id, invoice_id: null },
    ]);
  });

  test('paid outside Stripe: recorded by an operator, delivered, and the open page is closed', async () => {
    const placed = await place(stage);
    const page = await stage.checkout(placed.invoice.id);
    expect(await setStatus(stage, placed.invoice.id, 'paid')).toMatchObject({ status: 'paid' });
    expect(await stage.ended(placed.order.id)).toMatchObject({ status: 'active' });
    expect(await press(page, 'pay')).toBe(409);
    expect(await stage.world.money(placed.invoice.id)).toEqual({ charged: [], refunded: [] });
    expect(await stage.invoice(placed.invoice.id)).toMatchObject({ status: 'paid', amountRefunded: 0 });
  });

  test('called off by an operator: nothing can be paid any more, what was held is free', async () => {
    const placed = await place(stage);
    const page = await stage.checkout(placed.invoice.id);
    expect(await held(stage, placed)).toBe(2);
    expect(await setStatus(stage, placed.invoice.id, 'cancelled')).toMatchObject({ status: 'cancelled' });
    expect(await stage.ended(placed.order.id)).toMatchObject({ status: 'cancelled' });
    expect(await press(page, 'pay')).toBe(409);
    expect(await held(stage, placed)).toBe(0);
    await expect(stage.checkout(placed.invoice.id)).rejects.toMatchObject({ status: 409 });
    await expect(setStatus(stage, placed.invoice.id, 'paid')).rejects.toMatchObject({ status: 409 });
  });

  test('refunded by an operator: all that was paid goes back, once, and the customer is told', async () => {
    const placed = await place(stage);
    await expect(setStatus(stage, placed.invoice.id, 'refunded')).rejects.toMatchObject({ status: 409 });
    await stage.pay(placed.invoice.id);
    expect(await stage.ended(placed.order.id)).toMatchObject({ status: 'active' });
    await setStatus(stage, placed.invoice.id, 'refunded');
    await until('the invoice is refunded', async () => {
      expect(await stage.invoice(placed.invoice.id)).toMatchObject({ status: 'refunded', amountRefunded: 4.99 });
      return true;
    });
    expect(await stage.world.money(placed.invoice.id)).toEqual({ charged: [PRICE], refunded: [PRICE] });
    await expect(setStatus(stage, placed.invoice.id, 'refunded')).rejects.toMatchObject({ status: 409 });
    await until('the customer is told', async () => (await stage.world.mails(placed.customer.email)).length === 2);
  });
});

describe('the end of the payment window', () => {
  let stage: Stage;
  let never: PlacedOrder;
  let late: PlacedOrder & { customer: Customer };
  let unheard: PlacedOrder;

  beforeAll(async () => {
    stage = await openStage({ env: { PAYMENT_WINDOW_SECONDS: '5' } });
    const { fault, mend } = stage.outside;
    [never, late] = [await place(stage), await place(stage)];
    await stage.checkout(never.invoice.id);
    const debit = { name: 'payment-processing', data: { outcome: 'paid', ms: 8_000 } };
    await fault('stripe', { match: '^pay', phase: 'switch', action: { kind: 'switch', ...debit } });
    await stage.pay(late.invoice.id);
    unheard = await place(stage);
    await fault('stripe', {
      match: '',
      phase: 'switch',
      action: { kind: 'switch', name: 'webhook-lost' },
      times: null,
    });
    await stage.pay(unheard.invoice.id);
    await mend('stripe');
  }, 120_000);
  afterAll(() => stage?.close());

  test('never paid: cancelled, its page closed, what was held is free, nothing was made outside', async () => {
    expect(await held(stage, never)).toBe(2);
    expect(await stage.ended(never.order.id)).toMatchObject({ status: 'cancelled' });
    expect(await stage.invoice(never.invoice.id)).toMatchObject({ status: 'cancelled' });
    expect(await sessionsOf(stage, never.invoice.id)).toEqual(['expired']);
    expect(await held(stage, never)).toBe(0);
    expect(await guestsOf(stage, never)).toBe(0);
    const jobs = await stage.children(never.order.jobId);
    expect(jobs.map(({ status }) => status)).toEqual(['cancelled']);
    await expect(stage.checkout(never.invoice.id)).rejects.toMatchObject({ status: 409 });
  });

  test('every webhook lost: at the deadline Stripe is asked, and the order is delivered', async () => {
    expect(await stage.ended(unheard.order.id)).toMatchObject({ status: 'active' });
    expect(await stage.sql('select id from stripe_event where invoice_id = $1', [unheard.invoice.id])).toEqual([]);
    expect(await stage.world.money(unheard.invoice.id)).toEqual({ charged: [PRICE], refunded: [] });
    expect(await guestsOf(stage, unheard)).toBe(1);
  });

  test('money that comes after the deadline goes back in full, and the customer is told', async () => {
    expect(await stage.ended(late.order.id)).toMatchObject({ status: 'cancelled' });
    await until('the money has come and gone', async () => {
      expect(await stage.world.money(late.invoice.id)).toEqual({ charged: [PRICE], refunded: [PRICE] });
      return true;
    });
    expect(await stage.order(late.order.id)).toMatchObject({ status: 'cancelled' });
    expect(await stage.invoice(late.invoice.id)).toMatchObject({ status: 'cancelled' });
    expect(await guestsOf(stage, late)).toBe(0);
    const mail = await until('the customer is told', async () => (await stage.world.mails(late.customer.email))[0]);
    expect(mail.text).toContain('4.99 USD');
  });
});
