import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Cluster, openCluster } from './client.ts';

let pve: Cluster;
beforeAll(async () => {
  pve = await openCluster();
  await pve.act('plant-guest', {
    vmid: 700,
    kind: 'lxc',
    node: 'pve2',
    name: 'foreign',
    description: 'not ours',
    running: true,
  });
});
afterAll(() => pve.close());

describe('what a newcomer finds', () => {
  test('two nodes with templates for VMs and containers', async () => {
    const { data } = await pve.call('GET', '/nodes');
    expect((data as { node: string; status: string }[]).map(({ node, status }) => [node, status])).toEqual([
      ['pve1', 'online'],
      ['pve2', 'online'],
    ]);
    const guests = (await pve.call('GET', '/cluster/resources', { type: 'vm' })).data as {
      vmid: number;
      node: string;
      template: number;
    }[];
    expect(guests.filter(({ template }) => template).map(({ vmid, node }) => [vmid, node])).toEqual([
      [9000, 'pve1'],
      [9001, 'pve1'],
      [9010, 'pve2'],
      [9011, 'pve2'],
    ]);
    const content = await pve.call('GET', '/nodes/pve2/storage/local/content', { content: 'vztmpl' });
    expect((content.data as { volid: string }[]).map(({ volid }) => volid)).toContain(
      'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst',
    );
  });

  test('storages with free space, by what they take', async () => {
    const { data } = await pve.call('GET', '/nodes/pve1/storage', { content: 'images' });
    const storages = data as { storage: string; avail: number }[];
    expect(storages.map(({ storage }) => storage).toSorted()).toEqual(['ceph', 'local-lvm', 'tank']);
    for (const { avail } of storages) expect(avail).toBeGreaterThan(2 ** 40);
  });

  test('the next free id, which nobody keeps', async () => {
    expect((await pve.call('GET', '/cluster/nextid')).data).toBe(100);
    expect((await pve.call('GET', '/cluster/nextid')).data).toBe(100);
  });

  test('more templates can be fetched', async () => {
    const template = 'alpine-3.22-default_20250617_amd64.tar.xz';
    expect(await pve.task('POST', '/nodes/pve1/aplinfo', { storage: 'local', template })).toBe('OK');
    const content = await pve.call('GET', '/nodes/pve1/storage/local/content', { content: 'vztmpl' });
    expect(JSON.stringify(content.data)).toContain(template);
  });
});

describe('pools', () => {
  test('take guests, refuse those of others, and go when empty', async () => {
    await pve.call('POST', '/pools', { poolid: 'tenant-1' });
    await pve.call('POST', '/pools', { poolid: 'tenant-2' });
    expect((await pve.call('PUT', '/pools', { poolid: 'tenant-1', vms: '700' })).status).toBe(200);
    expect((await pve.call('GET', '/pools/tenant-1')).data).toMatchObject({ members: [{ vmid: 700, type: 'lxc' }] });
    expect((await pve.call('PUT', '/pools', { poolid: 'tenant-2', vms: '700' })).message).toMatch(
      /belongs already to pool 'tenant-1'/,
    );
    expect((await pve.call('DELETE', '/pools', { poolid: 'tenant-1' })).message).toMatch(/is not empty/);
    await pve.call('PUT', '/pools', { poolid: 'tenant-1', vms: '700', delete: '1' });
    expect((await pve.call('DELETE', '/pools', { poolid: 'tenant-1' })).status).toBe(200);
  });
});

describe('firewall', () => {
  const rules = '/nodes/pve2/lxc/700/firewall/rules';
  const list = async () =>
    (await pve.call('GET', rules)).data as { comment: string; enable: number; digest: string; pos: number }[];

  test('a new rule comes first and is off', async () => {
    await pve.call('POST', rules, {
      type: 'in',
      action: 'ACCEPT',
      proto: 'tcp',
      dport: '80',
      comment: 'a',
      enable: '1',
    });
    await pve.call('POST', rules, { type: 'in', action: 'DROP', comment: 'b' });
    expect((await list()).map(({ comment, enable, pos }) => [comment, enable, pos])).toEqual([
      ['b', 0, 0],
      ['a', 1, 1],
    ]);
  });

  test('deleting shifts the rest, and a stale digest is noticed', async () => {
    const [{ digest } = { digest: '' }] = await list();
    expect((await pve.call('DELETE', `${rules}/0`, { digest })).status).toBe(200);
    expect((await list()).map(({ comment, pos }) => [comment, pos])).toEqual([['a', 0]]);
    expect((await pve.call('DELETE', `${rules}/0`, { digest })).message).toMatch(/^detected modified configuration/);
  });

  test('wrong actions and ports are refused', async () => {
    expect((await pve.call('POST', rules, { type: 'in', action: 'accept' })).errors).toHaveProperty('action');
    expect(
      (await pve.call('POST', rules, { type: 'in', action: 'ACCEPT', proto: 'tcp', dport: '99999' })).errors,
    ).toHaveProperty('dport');
    expect(
      (await pve.call('POST', rules, { type: 'in', action: 'ACCEPT', source: '10.0.0.256' })).errors,
    ).toHaveProperty('source');
  });

  test('options and address sets', async () => {
    const base = '/nodes/pve2/lxc/700/firewall';
    await pve.call('PUT', `${base}/options`, { enable: '1', policy_in: 'DROP', ipfilter: '1' });
    expect((await pve.call('GET', `${base}/options`)).data).toMatchObject({
      enable: 1,
      policy_in: 'DROP',
      ipfilter: 1,
    });
    await pve.call('POST', `${base}/ipset`, { name: 'ipfilter-net0' });
    await pve.call('POST', `${base}/ipset/ipfilter-net0`, { cidr: '127.64.0.5' });
    expect((await pve.call('DELETE', `${base}/ipset/ipfilter-net0`)).message).toMatch(/not empty/);
    expect((await pve.call('GET', `${base}/ipset/ipfilter-net0`)).data).toEqual([
      expect.objectContaining({ cidr: '127.64.0.5' }),
    ]);
    await pve.call('DELETE', `${base}/ipset/ipfilter-net0/127.64.0.5`);
    expect((await pve.call('DELETE', `${base}/ipset/ipfilter-net0`)).status).toBe(200);
  });
});

describe('figures over time', () => {
  test.each([
    ['hour', 60],
    ['day', 1440],
    ['week', 336],
    ['year', 1440],
  ])('%s has %i points, the youngest not full', async (timeframe, points) => {
    const { data } = await pve.call('GET', '/nodes/pve2/lxc/700/rrddata', { timeframe });
    const series = data as Record<string, number>[];
    expect(series).toHaveLength(points);
    expect(Object.keys(series.at(-1) ?? {})).toEqual(['time']);
  });
});

describe('moving', () => {
  test('a running container needs restart, and its local disks go with it', async () => {
    expect((await pve.call('POST', '/nodes/pve2/lxc/700/migrate', { target: 'pve1' })).message).toMatch(
      /^can't migrate running container/,
    );
    expect(await pve.task('POST', '/nodes/pve2/lxc/700/migrate', { target: 'pve1', restart: '1' })).toBe('OK');
    expect((await pve.call('GET', '/nodes/pve1/lxc/700/config')).data).toMatchObject({ hostname: 'foreign' });
  });
});

describe('the older version', () => {
  let old: Cluster;
  beforeAll(async () => {
    old = await openCluster({ env: { SANDBOX_PVE_VERSION: '8.4' } });
  });
  afterAll(() => old.close());

  test('has its own graphs and privileges', async () => {
    expect((await old.call('GET', '/version')).data).toMatchObject({ release: '8.4' });
    expect((await old.call('GET', '/nodes/pve1/rrddata', { timeframe: 'day' })).data).toHaveLength(70);
    await old.act('set-token', { id: old.env.PROXMOX_TOKEN_ID, rights: 'read' });
    const refused = await old.call('POST', '/nodes/pve1/qemu/9000/agent/exec', { command: 'id' });
    expect(refused.message).toBe('Permission check failed (/vms/9000, VM.Monitor)\n');
  });
});
