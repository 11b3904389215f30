import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { periodEnd } from '../../core/period.ts';
import type { CloudPod, Customer, Invoice, Job, Page, Subscription } from '../support/client.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage/index.ts';

/** Periods of seconds: the sweep looks every second, an unpaid invoice is tolerated for three. */
const SOON = { SWEEP_SECONDS: '1', DUNNING_GRACE_SECONDS: '3', DUNNING_CANCEL_SECONDS: '3600' };

describe('a period ends', () => {
  let stage: Stage;
  let customer: Customer;
  beforeAll(async () => {
    stage = await openStage({ env: SOON });
    customer = await stage.customer();
  }, 120_000);
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

  test('it is invoiced, unpaid it is suspended, paid it runs again: longer by a period, for one charge', async () => {
    const { order, invoice: first } = await stage.place(customer, [stage.pod()]);
    await stage.pay(first.id);
    const { items } = await stage.ended(order.id);
    const pod = items[0]!.resourceId;
    await stage.sql(
      `update subscription set starts_at = now() - interval '1 month' + interval '3 seconds', renews_at = now() + interval '3 seconds' where resource_id = $1`,
      [pod],
    );
    const { renewsAt, startsAt } = await subscription();

    const [invoice] = await until('the renewal is invoiced', async () => {
      const made = await renewals();
      return made.length ? made : undefined;
    });
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
});
