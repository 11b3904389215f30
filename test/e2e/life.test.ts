import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CloudPod, Customer, Order, Page, Subscription } from '../support/client.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage/index.ts';
import type { Wish } from './stage/shop.ts';

interface Begun {
  job: { id: string };
}

const YEAR_MS = 365 * 86_400_000;

describe('what was bought, as time goes on', () => {
  let stage: Stage;
  let customer: Customer;
  beforeAll(async () => {
    stage = await openStage({ env: { CANCEL_UNDO_SECONDS: '4' } });
    customer = await stage.customer();
  }, 120_000);
  afterAll(() => stage?.close());

  async function buy(...wishes: Wish[]): Promise<Order> {
    const { order, invoice } = await stage.place(customer, wishes);
    await stage.pay(invoice.id);
    const ended = await stage.ended(order.id);
    expect(ended.items.map(({ status, reason }) => reason ?? status)).toEqual(ended.items.map(() => 'delivered'));
    return ended;
  }
  const resource = (order: Order, type: string) => order.items.find((item) => item.type === type)?.resourceId ?? '';
  const pod = (id: string) => stage.admin.get<CloudPod>(`/cloudpods/${id}`);
  const done = ({ job }: Begun) => stage.stands(job.id, 'completed');
  const act = async (id: string, verb: string) => done(await stage.admin.post<Begun>(`/cloudpods/${id}/${verb}`));

  /** Of each resource of an order, by type of item. */
  async function subscriptions(order: Order): Promise<Record<string, Subscription>> {
    const { items } = await stage.admin.get<Page<Subscription>>(
      `/subscriptions?customerId=${customer.id}&pageSize=100`,
    );
    const of = (id: string) => items.find(({ resourceId }) => resourceId === id);
    return Object.fromEntries(order.items.map(({ type, resourceId }) => [type, of(resourceId)!]));
  }
  async function subscriptionOf(order: Order, type: string): Promise<Subscription> {
    return (await subscriptions(order))[type]!;
  }
  const cancel = (id: string, cancelAtPeriodEnd: boolean) =>
    stage.admin.post<Begun & { subscription: Subscription }>(`/subscriptions/${id}/cancel`, { cancelAtPeriodEnd });
  const becomes = (id: string, status: CloudPod['status']) =>
    until(`the CloudPod is ${status}`, async () => {
      const now = await pod(id);
      if (now.status !== status) throw new Error(`it is ${now.status}`);
      return true;
    });

  test('suspended: stopped and kept from starting; unsuspended: it runs again', async () => {
    const id = resource(await buy(stage.pod()), 'cloudpod');
    await act(id, 'suspend');
    expect(await pod(id)).toMatchObject({ status: 'suspended' });
    const stopped = await stage.world.guestOf(id);
    expect(stopped.running).toBeUndefined();
    expect(stopped.config.onboot).toBe('0');
    await expect(stage.admin.post(`/cloudpods/${id}/suspend`)).rejects.toMatchObject({ status: 409 });

    await act(id, 'unsuspend');
    const { status, ipv4, hostname } = await pod(id);
    expect(status).toBe('active');
    expect(await stage.world.guestOf(id)).toMatchObject({ running: expect.anything(), config: { onboot: '1' } });
    expect(await stage.world.handshake(ipv4 ?? '', hostname)).toMatchObject({ authorized: true });
  });

  test('deleted: guest, backups, records and certificate are gone, capacity rests, nothing is billed any more', async () => {
    const before = await stage.world.slate();
    const order = await buy(stage.pod(undefined, { addons: ['ADDON-IP', 'BACKUP-DAILY'] }));
    const id = resource(order, 'cloudpod');
    const { hostname } = await pod(id);
    expect((await stage.world.slate()).backupJobs).toBe(before.backupJobs + 1);

    await done(await stage.admin.send<Begun>('DELETE', `/cloudpods/${id}`));
    expect(await stage.world.slate()).toEqual(before);
    expect(await pod(id)).toMatchObject({ status: 'deleted', ipv4: null });
    for (const { status } of Object.values(await subscriptions(order))) expect(status).toBe('cancelled');
    const resting = `select count(*)::int as count from ip_address where instance_id is null and free_from > now() + interval '1 day'`;
    expect(await stage.sql(resting)).toEqual([{ count: 2 }]);
    const { certificates } = await stage.outside.state<{ certificates: { names: string[]; revoked?: object }[] }>(
      'acme',
    );
    expect(certificates.filter(({ names }) => names.includes(hostname))).toMatchObject([
      { revoked: expect.anything() },
    ]);
    await expect(stage.admin.send('DELETE', `/cloudpods/${id}`)).rejects.toMatchObject({ status: 409 });
  });

  test('deleted though somebody destroyed the guest before', async () => {
    const id = resource(await buy(stage.pod()), 'cloudpod');
    await stage.outside.act('proxmox', 'destroy-guest', { vmid: (await stage.world.guestOf(id)).vmid });
    await done(await stage.admin.send<Begun>('DELETE', `/cloudpods/${id}`));
    expect(await pod(id)).toMatchObject({ status: 'deleted' });
  });

  test('a domain is renewed once, though the answer is lost, and paid for until its new date', async () => {
    const name = stage.name();
    const order = await buy(stage.domain(name));
    const before = Date.parse((await stage.world.registered(name))?.expiresAt ?? '');
    const cut = { kind: 'switch' as const, name: 'cut-after-commit' };
    await stage.outside.fault('registrar', { match: 'domain:renew', phase: 'switch', action: cut });
    await done(await stage.admin.post<Begun>(`/domains/${resource(order, 'domain')}/renew`, { years: 1 }));
    const after = (await stage.world.registered(name))?.expiresAt ?? '';
    expect(Math.round((Date.parse(after) - before) / YEAR_MS)).toBe(1);
    expect(await stage.admin.get(`/domains/${resource(order, 'domain')}`)).toMatchObject({ expiresAt: after });
    expect(await subscriptionOf(order, 'domain')).toMatchObject({ status: 'active', renewsAt: after });
    const { ledger } = await stage.outside.state<{ ledger: { name: string; kind: string }[] }>('registrar');
    expect(ledger.filter((row) => row.name === name).map(({ kind }) => kind)).toEqual(['create', 'renew']);
  });

  describe('a subscription is cancelled', () => {
    test('now: stopped and not billed, destroyed when the time to take it back is over', async () => {
      const order = await buy(stage.pod());
      const id = resource(order, 'cloudpod');
      const begun = await cancel((await subscriptionOf(order, 'cloudpod')).id, false);
      await becomes(id, 'suspended');
      expect(await subscriptionOf(order, 'cloudpod')).toMatchObject({ status: 'cancelled' });
      await done(begun);
      await becomes(id, 'deleted');
      await expect(stage.world.guestOf(id)).rejects.toThrow('0 guests');
    });

    test('now, and taken back in time: it runs again and is not destroyed', async () => {
      const order = await buy(stage.pod());
      const id = resource(order, 'cloudpod');
      const subscription = await subscriptionOf(order, 'cloudpod');
      const { job } = await cancel(subscription.id, false);
      await becomes(id, 'suspended');
      await until('nothing is being done to it', () =>
        stage.admin.post<Begun>(`/subscriptions/${subscription.id}/keep`),
      );
      await becomes(id, 'active');
      expect(await stage.stands(job.id, 'cancelled')).toMatchObject({ reason: 'taken back' });
      expect(await subscriptionOf(order, 'cloudpod')).toMatchObject({ status: 'active', cancelAtPeriodEnd: false });
      expect(await stage.world.guestOf(id)).toMatchObject({ running: expect.anything() });
    });

    test('at the end of its period: it goes on until then; taken back, it goes on for good', async () => {
      const order = await buy(stage.pod());
      const id = resource(order, 'cloudpod');
      const { id: subscription } = await subscriptionOf(order, 'cloudpod');
      const first = await cancel(subscription, true);
      expect(first.subscription).toMatchObject({ status: 'active', cancelAtPeriodEnd: true });
      await expect(cancel(subscription, true)).rejects.toMatchObject({ status: 409 });
      expect(await pod(id)).toMatchObject({ status: 'active' });
      await stage.admin.post(`/subscriptions/${subscription}/keep`);
      await stage.stands(first.job.id, 'cancelled');
      await expect(stage.admin.post(`/subscriptions/${subscription}/keep`)).rejects.toMatchObject({ status: 409 });

      await stage.sql(`update subscription set renews_at = now() + interval '2 seconds' where id = $1`, [subscription]);
      await cancel(subscription, true);
      expect(await subscriptionOf(order, 'cloudpod')).toMatchObject({ status: 'active', cancelAtPeriodEnd: true });
      await becomes(id, 'deleted');
    });

    describe('of a domain, e-mail and add-ons', () => {
      let order: Order;
      let name: string;
      beforeAll(async () => {
        name = stage.name();
        const pod = stage.pod(undefined, { addons: ['ADDON-IP', 'BACKUP-DAILY'] });
        order = await buy(stage.domain(name), stage.mail(name), pod);
        const { domain, email, addon, backup } = await subscriptions(order);
        const begun = await Promise.all([domain, email, addon, backup].map((row) => cancel(row?.id ?? '', false)));
        for (const each of begun) await done(each);
      }, 60_000);

      test('the name stays registered until it runs out', async () => {
        expect(await subscriptionOf(order, 'domain')).toMatchObject({ status: 'cancelled' });
        expect(await stage.world.registered(name)).toBeDefined();
      });

      test('the mailboxes and records of e-mail go', async () => {
        await until('its mailbox is gone', async () => !(await stage.world.mailboxes()).includes(`info@${name}`));
        const left = Object.keys(await stage.world.records()).filter((key) => key.includes(`${name}.`));
        expect(left).toEqual([`${name}. NS`]);
      });

      test('the extra address leads nowhere and rests, no backup is made or kept; the CloudPod stays', async () => {
        const id = resource(order, 'cloudpod');
        await until('all of it is gone', async () => {
          const { firewall } = await stage.world.guestOf(id);
          expect(Object.keys(firewall.ipset['ipfilter-net0']?.entries ?? {})).toEqual([(await pod(id)).ipv4]);
          const { jobs, backups } = await stage.world.proxmox();
          expect([jobs, backups]).toEqual([[], []]);
          expect(await stage.sql('select from ip_address where instance_id = $1', [id])).toHaveLength(1);
          return true;
        });
        expect(await pod(id)).toMatchObject({ status: 'active' });
        expect(await stage.world.guestOf(id)).toMatchObject({ running: expect.anything() });
      });
    });
  });
});
