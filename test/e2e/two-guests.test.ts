import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CloudPod, Customer, Order } from '../support/client.ts';
import { openStage, type Stage } from './stage/index.ts';

const NETWORK = '2001:db8:0:1::/120';
const GATEWAY = 'fe80::1';
const REVERSE_ZONE = '1.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';

describe('a VM and a container of one order, where addresses of IPv6 are in the pool', () => {
  let stage: Stage;
  let customer: Customer;
  let order: Order;
  /** The VM, and the container. */
  let pods: CloudPod[];

  beforeAll(async () => {
    stage = await openStage({ speed: 0.2 });
    await operator('pool', 'addresses', 'add', NETWORK, '--gateway', GATEWAY);
    await operator('zone', 'add', REVERSE_ZONE);
    customer = await stage.customer();
    const { order: placed, invoice } = await stage.place(customer, [
      stage.pod(),
      stage.pod(undefined, { sku: 'CPOD-CT' }),
    ]);
    await stage.pay(invoice.id);
    order = await stage.ended(placed.id, 60_000);
    pods = await Promise.all(order.items.map((item) => stage.admin.get<CloudPod>(`/cloudpods/${item.resourceId}`)));
  }, 180_000);
  afterAll(() => stage?.close());

  /** The command that an operator has for it. */
  async function operator(...words: string[]): Promise<void> {
    const args = ['--disable-warning=ExperimentalWarning', 'scripts/admin.ts', ...words];
    await promisify(execFile)(process.execPath, args, { env: stage.platform.env });
  }
  /** 2001:db8:0:1::7 → the name that leads back from it. */
  const pointer = ({ ipv6 }: CloudPod) =>
    `${Number(String(ipv6).split(':').at(-1)).toString(16)}.${'0.'.repeat(15)}${REVERSE_ZONE}. PTR`;

  test('both are delivered, each with an address of either kind', async () => {
    expect(order).toMatchObject({ status: 'active' });
    expect(pods.map(({ ipv6 }) => ipv6).sort()).toEqual(['2001:db8:0:1::1', '2001:db8:0:1::2']);
    for (const { ipv4 } of pods) expect(ipv4).toMatch(/^127\.64\./);
    const [{ text } = { text: '' }] = await stage.world.mails(customer.email);
    for (const { ipv4, ipv6, hostname } of pods) expect(text).toContain(`${hostname} (${ipv4}, ${ipv6})`);
  });

  test('they are made at the same time', async () => {
    const log = await stage.outside.requests('proxmox', '^(POST|PUT) ');
    const spans = await Promise.all(
      pods.map(async ({ id }) => {
        const { vmid } = await stage.world.guestOf(id);
        const about = new RegExp(`/(qemu|lxc)/${vmid}/|\\b(newid|vmid)=${vmid}\\b`);
        const own = log.filter(({ operation, request }) => about.test(`${operation} ${JSON.stringify(request)}`));
        return { first: Date.parse(own[0]?.at ?? ''), last: Date.parse(own.at(-1)?.at ?? '') };
      }),
    );
    const [one, other] = spans as [(typeof spans)[0], (typeof spans)[0]];
    expect(one.first).toBeLessThan(other.last);
    expect(other.first).toBeLessThan(one.last);
  });

  test('each is told its address, and can take no other', async () => {
    for (const { id, ipv4, ipv6 } of pods) {
      const { kind, config, firewall } = await stage.world.guestOf(id);
      const told = `ip=${ipv4}/16,gw=127.64.0.1,ip6=${ipv6}/120,gw6=${GATEWAY}`;
      if (kind === 'qemu') expect(config.ipconfig0).toBe(told);
      else expect(config.net0).toContain(told);
      expect(Object.keys(firewall.ipset['ipfilter-net0']?.entries ?? {}).sort()).toEqual([ipv4, ipv6].sort());
    }
  });

  test('names lead to addresses and back', async () => {
    const dns = new Resolver();
    dns.setServers([String(stage.platform.env.DNS_ADDRESS)]);
    const records = await stage.world.records();
    for (const pod of pods) {
      expect(records[`${pod.hostname}. AAAA`]).toEqual([pod.ipv6]);
      expect(records[`${pod.hostname}. A`]).toEqual([pod.ipv4]);
      expect(records[pointer(pod)]).toEqual([`${pod.hostname}.`]);
      expect(await dns.resolve6(pod.hostname)).toEqual([pod.ipv6]);
      expect(await dns.reverse(pod.ipv6 ?? '')).toEqual([pod.hostname]);
    }
  });

  test('with the guest its names go, and its address rests', async () => {
    const [pod] = pods as [CloudPod];
    const { job } = await stage.admin.send<{ job: { id: string } }>('DELETE', `/cloudpods/${pod.id}`);
    await stage.stands(job.id, 'completed', 60_000);
    const records = await stage.world.records();
    for (const key of [`${pod.hostname}. AAAA`, `${pod.hostname}. A`, pointer(pod)])
      expect(records[key]).toBeUndefined();
    const resting = 'select instance_id, free_from > now() as rests from ip_address where address = $1';
    expect(await stage.sql(resting, [pod.ipv6])).toEqual([{ instance_id: null, rests: true }]);
    expect(await stage.admin.get(`/cloudpods/${pod.id}`)).toMatchObject({ status: 'deleted', ipv6: null });
  });
});
