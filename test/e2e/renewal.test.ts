import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { periodEnd } from '../../core/period.ts';
import { RECONCILE } from '../../workflows/catalog.ts';
import type { CloudPod, Customer, Invoice, Job, Page, PlacedOrder, Subscription } from '../support/client.ts';
import { until } from '../support/until.ts';
import { withEngine } from './stage/engine.ts';
import { openStage, type Stage } from './stage/index.ts';

const DAY_MS = 86_400_000;

interface Row {
  id: string;
}
interface Domain extends Row {
  domain: string;
  expiresAt: string | null;
}

/** Periods of seconds: the sweep looks every second, an unpaid invoice is tolerated for three. */
const SOON = { SWEEP_SECONDS: '1', DUNNING_GRACE_SECONDS: '3', DUNNING_CANCEL_SECONDS: '3600' };

describe('a period ends', () => {
  let stage: Stage;
  let customer: Customer;
  beforeAll(async () => {
    stage = await openStage({ env: SOON });
  }, 120_000);
  beforeEach(async () => {
    customer = await stage.customer();
  });
  afterAll(() => stage?.close());

  const renewals = async (): Promise<Invoice[]> =>
    (await stage.admin.get<Page<Invoice>>(`/invoices?customerId=${customer.id}`)).items.filter((one) => !one.orderId);
  const subscription = async (): Promise<Subscription> =>
    (await stage.admin.get<Page<Subscription>>(`/subscriptions?customerId=${customer.id}`)).items[0]!;
  const subjects = async () => (await stage.world.mails(customer.email)).map((mail) => mail.subject);
  const becomes = (id: string, status: CloudPod['status']) =>
    until(
      `the CloudPod is ${status}`,
      async () => {
        const now = await stage.admin.get<CloudPod>(`/cloudpods/${id}`);
        if (now.status !== status) throw new Error(`it is ${now.status}`);
        return true;
      },
      20_000,
    );

  /** The resource of a CloudPod that was bought, paid and delivered. */
  async function buy(): Promise<{ first: PlacedOrder['invoice']; pod: string }> {
    const { order, invoice: first } = await stage.place(customer, [stage.pod()]);
    await stage.pay(first.id);
    const { items } = await stage.ended(order.id);
    return { first, pod: items[0]!.resourceId };
  }
  const endsIn = (pod: string, seconds: number) =>
    stage.sql(
      `update subscription set starts_at = now() - interval '1 month' + make_interval(secs => $2), renews_at = now() + make_interval(secs => $2) where resource_id = $1`,
      [pod, seconds],
    );
  const invoiced = () =>
    until('the renewal is invoiced', async () => {
      const made = await renewals();
      return made.length ? made : undefined;
    });

  test('it is invoiced, unpaid it is suspended, paid it runs again: longer by a period, for one charge', async () => {
    const { first, pod } = await buy();
    await endsIn(pod, 3);
    const { renewsAt, startsAt } = await subscription();

    const [invoice] = await invoiced();
    expect(invoice).toMatchObject({ status: 'unpaid', total: first.amount, currency: 'USD' });
    await until('its mail is there', async () =>
      (await subjects()).some((subject) => subject.startsWith('Invoice for')),
    );

    await becomes(pod, 'suspended');
    expect((await stage.world.guestOf(pod)).running).toBeUndefined();
    expect(await subscription()).toMatchObject({ status: 'suspended', renewsAt });
    await until('its customer is told', async () =>
      (await subjects()).some((subject) => /is suspended$/.test(subject)),
    );

    await stage.pay(invoice!.id);
    await becomes(pod, 'active');
    expect(await stage.world.guestOf(pod)).toMatchObject({ running: expect.anything() });
    expect(await stage.invoice(invoice!.id)).toMatchObject({ status: 'paid' });
    const end = periodEnd(new Date(startsAt!), 'monthly', 2).toISOString();
    expect(await subscription()).toMatchObject({ status: 'active', renewsAt: end });
    expect(await stage.world.money(invoice!.id)).toEqual({ charged: [invoice!.total * 100], refunded: [] });
    expect(await renewals()).toHaveLength(1);

    const { items: swept } = await stage.admin.get<Page<Job>>('/jobs?type=renewal_sweep&pageSize=100');
    const done = (await Promise.all(swept.map(({ id }) => stage.children(id)))).flat().map(({ type }) => type);
    expect(done.sort()).toEqual(['subscription_renew', 'subscription_suspend']);
  });

  test('paid outside Stripe it goes on for a period; it is not called off, and its money goes back outside Stripe', async () => {
    const { pod } = await buy();
    await endsIn(pod, 30);
    const { startsAt } = await subscription();
    const [invoice] = await invoiced();
    const { id, total } = invoice!;
    const becomes = (status: Invoice['status']) =>
      stage.admin.send<Invoice>('PATCH', `/invoices/${id}/status`, { status });
    const refused = (status: Invoice['status']) => expect(becomes(status)).rejects.toMatchObject({ status: 409 });
    await refused('cancelled');
    await refused('refunded');

    expect(await becomes('paid')).toMatchObject({ id, status: 'paid', paidAt: expect.any(String) });
    const end = periodEnd(new Date(startsAt!), 'monthly', 2).toISOString();
    expect(await subscription()).toMatchObject({ status: 'active', renewsAt: end });
    await refused('cancelled');
    await refused('paid');

    await until('its payment is settled', () => becomes('refunded'));
    await until('it is refunded', async () => {
      expect(await stage.invoice(id)).toMatchObject({ status: 'refunded', amountRefunded: total });
      return true;
    });
    await refused('refunded');
    expect(await stage.world.money(id)).toEqual({ charged: [], refunded: [] });
    const books =
      'select provider, refund.status, refund.amount::int from payment join refund on payment_id = payment.id where invoice_id = $1';
    expect(await stage.sql(books, [id])).toEqual([{ provider: 'offline', status: 'succeeded', amount: total * 100 }]);
  }, 60_000);

  test('domains renew by the date that the registrar has: those of the house by themselves, those sold once they are paid', async () => {
    const house = async (autoRenew: boolean) => {
      const wish = { customerId: customer.id, domain: stage.name(), years: 1 };
      const { domain, job } = await stage.admin.post<{ domain: Row; job: Row }>('/domains/register', wish);
      await stage.stands(job.id, 'completed');
      return stage.admin.send<Domain>('PUT', `/domains/${domain.id}`, { autoRenew });
    };
    const [own, left] = [await house(true), await house(false)];
    const name = stage.name();
    const { order, invoice: first } = await stage.place(customer, [stage.domain(name)]);
    await stage.pay(first.id);
    await stage.ended(order.id);
    const sold = await stage.admin.get<Domain>(`/domains/${order.items[0]?.resourceId}`);
    const soon = new Date(Math.floor(Date.now() / 1000) * 1000 + 20 * DAY_MS);
    for (const { domain } of [own, left, sold])
      await stage.outside.act('registrar', 'set-expiry', { name: domain, expiresAt: soon });
    await withEngine(stage.platform.env, (workflow) =>
      workflow.execute(RECONCILE, { workflowId: 'dates', taskQueue: 'mpanel' }),
    );

    const wanted = new Date(soon);
    wanted.setUTCFullYear(wanted.getUTCFullYear() + 1);
    const renewedTo = (domain: Domain, date: Date) =>
      until(`${domain.domain} runs until ${date.toISOString()}`, async () => {
        expect(new Date((await stage.world.registered(domain.domain))?.expiresAt ?? 0)).toEqual(date);
        const now = await stage.admin.get<Domain>(`/domains/${domain.id}`);
        expect(new Date(now.expiresAt ?? 0)).toEqual(date);
        return true;
      });
    await renewedTo(own, wanted);
    await renewedTo(left, soon);
    await renewedTo(sold, soon);
    expect(await subscription()).toMatchObject({ renewsAt: soon.toISOString() });
    const [invoice] = await invoiced();
    expect(invoice).toMatchObject({ status: 'unpaid', total: 10.99, periodStart: soon.toISOString() });
    await stage.pay(invoice!.id);
    await renewedTo(sold, wanted);
    expect(await subscription()).toMatchObject({ status: 'active', renewsAt: wanted.toISOString() });
    const { ledger } = await stage.outside.state<{ ledger: { name: string; kind: string }[] }>('registrar');
    const booked = (domain: Domain) => ledger.filter((row) => row.name === domain.domain).map(({ kind }) => kind);
    expect([own, left, sold].map(booked)).toEqual([['create', 'renew'], ['create'], ['create', 'renew']]);
    const { items: swept } = await stage.admin.get<Page<Job>>(`/jobs?type=domain_renew&targetId=${own.id}`);
    expect(swept).toMatchObject([{ status: 'completed', parentJobId: expect.any(String) }]);
  }, 60_000);
});
