import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PlacedOrder } from '../support/client.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage/index.ts';

const PRICE = 499;

describe('more orders than addresses', () => {
  let stage: Stage;
  let next = 0;
  beforeAll(async () => {
    stage = await openStage({
      env: { QUARANTINE_SECONDS: '1', CAPACITY_WAIT_SECONDS: '3600', UNPAID_ORDERS_MAX: '100' },
    });
    await stage.sql('delete from ip_address where instance_id is null');
  }, 120_000);
  afterAll(() => stage?.close());

  async function addAddresses(count: number): Promise<string[]> {
    const added = Array.from({ length: count }, () => `127.64.200.${++next}`);
    const row = `insert into ip_address (address, family, prefix_length, gateway) values ($1, 4, 16, '127.64.0.1')`;
    for (const address of added) await stage.sql(row, [address]);
    return added;
  }

  async function place(): Promise<PlacedOrder> {
    return stage.place(await stage.customer(), [stage.pod(undefined, { sku: 'CPOD-CT' })]);
  }

  const pod = ({ order }: PlacedOrder) => order.items[0]?.resourceId ?? '';
  const delivered = ({ order }: PlacedOrder) =>
    stage.ended(order.id).then(({ status }) => expect(status).toBe('active'));
  const waits = ({ order }: PlacedOrder) =>
    until('the order waits', async () => {
      const [job] = await stage.children(order.jobId);
      if (job?.status !== 'blocked') throw new Error(`${job?.status} at ${job?.step}: ${job?.reason}`);
      expect(job).toMatchObject({ step: 'hold capacity' });
      return job;
    });

  const holds = async (placed: PlacedOrder) =>
    (await stage.sql('select from ip_address where instance_id = $1', [pod(placed)])).length > 0;

  const addressOf = async (placed: PlacedOrder) =>
    /ip=([\d.]+)/.exec((await stage.world.guestOf(pod(placed))).config.net0 ?? '')?.[1];

  test('two orders race for the last one: one gets it, the other waits and gets it when it is free again', async () => {
    const [last] = await addAddresses(1);
    const orders = await Promise.all([place(), place()]);
    await Promise.all(orders.map(({ invoice }) => stage.pay(invoice.id)));
    const winner = await Promise.any(orders.map(async (placed) => delivered(placed).then(() => placed)));
    const loser = orders.find((placed) => placed !== winner)!;
    expect(await waits(loser)).toMatchObject({ reason: 'no free address' });
    expect(await stage.job(loser.order.jobId)).toMatchObject({ status: 'blocked' });
    expect(await addressOf(winner)).toBe(last);
    expect(await stage.world.guests()).toHaveLength(1);

    await stage.admin.send('DELETE', `/cloudpods/${pod(winner)}`);
    await delivered(loser);
    expect(await addressOf(loser)).toBe(last);
    expect(await stage.world.guests()).toHaveLength(1);
  });

  test('those who paid are served in the order in which they did, before those who did not; who waits too long gets the money back', async () => {
    const [a, b, c, d] = [await place(), await place(), await place(), await place()];
    const waiting = [c, a, d, b];
    for (const placed of waiting) {
      await stage.pay(placed.invoice.id);
      await waits(placed);
    }
    const newcomer = await stage.customer();
    while (waiting.length > 1) {
      await addAddresses(1);
      const unpaid = await stage.place(newcomer, [stage.pod(undefined, { sku: 'CPOD-CT' })]);
      await delivered(waiting.shift()!);
      for (const placed of waiting) expect(await waits(placed)).toMatchObject({ reason: expect.any(String) });
      expect(await holds(unpaid)).toBe(false);
    }
    expect(await waits(b)).toMatchObject({ reason: 'no free address' });

    await stage.sql(`update orders set paid_at = now() - interval '2 hours' where id = $1`, [b.order.id]);
    expect(await stage.ended(b.order.id)).toMatchObject({
      status: 'failed',
      items: [{ status: 'undone', reason: expect.stringContaining('no free address') }],
    });
    expect(await stage.world.money(b.invoice.id)).toEqual({ charged: [PRICE], refunded: [PRICE] });
  });

  test('an extra address that cannot be had in time goes back in money; the CloudPod it was for stays', async () => {
    await addAddresses(1);
    const wish = stage.pod(undefined, { sku: 'CPOD-CT', addons: ['ADDON-IP'] });
    const placed = await stage.place(await stage.customer(), [wish]);
    await stage.pay(placed.invoice.id);
    await until('the extra address is waited for', async () => {
      const job = (await stage.children(placed.order.jobId)).find(({ type }) => type === 'addon_ip');
      return job?.status === 'blocked' && job.reason === 'no free address';
    });
    await stage.sql(`update orders set paid_at = now() - interval '2 hours' where id = $1`, [placed.order.id]);
    const { items } = await stage.ended(placed.order.id);
    expect(items.map(({ type, status }) => [type, status])).toEqual([
      ['cloudpod', 'delivered'],
      ['addon', 'undone'],
    ]);
    expect(await stage.world.money(placed.invoice.id)).toEqual({ charged: [PRICE + 200], refunded: [200] });
  });

  test('twenty orders at once for eight addresses: no address and no VMID twice, the rest waits its turn', async () => {
    const before = await stage.world.guests();
    await addAddresses(8);
    const orders = await Promise.all(Array.from({ length: 20 }, place));
    await Promise.all(orders.map(({ invoice }) => stage.pay(invoice.id)));
    await until(
      'eight are delivered and twelve wait',
      async () => {
        const rows = await stage.sql<{ status: string; count: number }>(
          `select status, count(*)::int as count from job where order_id = any($1) and parent_job_id is not null group by status`,
          [orders.map(({ order }) => order.id)],
        );
        expect(Object.fromEntries(rows.map(({ status, count }) => [status, count]))).toEqual({
          completed: 8,
          blocked: 12,
        });
        return true;
      },
      60_000,
    );
    expect(await stage.world.guests()).toHaveLength(before.length + 8);

    await addAddresses(12);
    for (const placed of orders) await delivered(placed);
    const guests = await stage.world.guests();
    expect(guests).toHaveLength(before.length + 20);
    const addresses = guests.map(({ config }) => /ip=([\d.]+)/.exec(config.net0 ?? '')?.[1]);
    expect(new Set(addresses).size).toBe(guests.length);
    const rows = await stage.sql<{ vmids: number; addresses: number }>(
      `select count(distinct vmid)::int as vmids, count(distinct ipv4)::int as addresses from instance where status = 'active'`,
    );
    expect(rows).toEqual([{ vmids: guests.length, addresses: guests.length }]);
  }, 120_000);
});
