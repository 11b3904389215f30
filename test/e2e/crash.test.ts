import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PartName } from '../../scripts/launch/context.ts';
import type { PlacedOrder } from '../support/client.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage/index.ts';
import type { System } from './stage/outside.ts';

const PRICE = 999 + 999;
const NEEDED: readonly PartName[] = ['postgres', 'temporal', 'sandbox'];
const OURS: readonly PartName[] = ['workers', 'api'];
const ALL = [...OURS, ...NEEDED];

describe('SIGKILL in the middle of paid orders', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ ownServers: true });
  }, 180_000);
  afterAll(() => stage?.close());

  /** Some orders on their way, one after the other, so that each is somewhere else. */
  async function underWay(): Promise<(PlacedOrder & { host: string; domain: string })[]> {
    const slow: [System, string][] = [
      ['proxmox', '^(POST|PUT) '],
      ['powerdns', '^PATCH '],
      ['acme', '^POST '],
    ];
    const delay = { phase: 'after' as const, action: { kind: 'delay' as const, ms: 250 }, times: null };
    for (const [system, match] of slow) await stage.outside.fault(system, { match, ...delay });
    const orders = [];
    for (let count = 0; count < 3; count++) {
      const domain = stage.name();
      const host = `www.${domain}`;
      const placed = await stage.place(await stage.customer(), [stage.domain(domain), stage.pod(host)]);
      await stage.pay(placed.invoice.id);
      orders.push({ ...placed, host, domain });
    }
    return orders;
  }

  /** A certificate is on its way, and the last order is not there yet. */
  const middle = (orders: { host: string }[]) =>
    until(
      'the first certificate is ordered',
      async () => (await stage.world.certificateOrders(orders[0]?.host ?? '')).length > 0,
    );

  async function allIsThereOnce(orders: Awaited<ReturnType<typeof underWay>>): Promise<void> {
    const { tasks } = await stage.outside.state<{ tasks: { type: string; work: { args: { newid?: string } } }[] }>(
      'proxmox',
    );
    const { ledger } = await stage.outside.state<{ ledger: { name: string }[] }>('registrar');
    for (const { order, invoice, host, domain } of orders) {
      expect(await stage.order(order.id)).toMatchObject({ status: 'active' });
      const guest = await stage.world.guestOf(order.items.find(({ type }) => type === 'cloudpod')?.resourceId ?? '');
      expect(tasks.filter(({ type, work }) => type === 'qmclone' && work.args.newid === guest.vmid)).toHaveLength(1);
      expect(await stage.world.money(invoice.id)).toEqual({ charged: [PRICE], refunded: [] });
      expect(await stage.world.certificateOrders(host)).toEqual([expect.objectContaining({ status: 'valid' })]);
      expect(ledger.filter(({ name }) => name === domain)).toHaveLength(1);
      expect(
        await stage.world.mails((await stage.admin.get<{ email: string }>(`/customers/${order.customerId}`)).email),
      ).toHaveLength(1);
    }
  }

  const mend = () => Promise.all((['proxmox', 'powerdns', 'acme'] as const).map(stage.outside.mend));

  test.each(ALL)(
    '%s: everything is there once',
    async (part) => {
      const orders = await underWay();
      if (part !== 'api') await middle(orders);
      await stage.platform.kill(part);
      await stage.platform.start(part);
      await mend();
      for (const { order } of orders) await stage.ended(order.id, 60_000);
      await allIsThereOnce(orders);
    },
    90_000,
  );

  test('all of it at once: everything is there once', async () => {
    const orders = await underWay();
    await middle(orders);
    await Promise.all(ALL.map(stage.platform.kill));
    await Promise.all(NEEDED.map(stage.platform.start));
    await Promise.all(OURS.map(stage.platform.start));
    await mend();
    for (const { order } of orders) await stage.ended(order.id, 60_000);
    await allIsThereOnce(orders);
  }, 120_000);
});
