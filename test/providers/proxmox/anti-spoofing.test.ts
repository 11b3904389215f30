import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { container, type Setting, setting, spec, vm } from './setting.ts';

let s: Setting;
beforeEach(async () => {
  s = await setting();
});
afterEach(() => s.close());

interface Firewalled {
  guests: { vmid: string; firewall: { options: Record<string, unknown>; ipset: Record<string, unknown> } }[];
}

async function firewall() {
  const { guests } = (await s.running.state()) as Firewalled;
  return guests.find(({ vmid }) => vmid === '105')!.firewall;
}
const writes = () => s.requests('firewall').filter(({ operation }) => !operation.startsWith('GET'));

test('a configured VM may use its own addresses, and everybody may reach it', async () => {
  const ipv6 = { cidr: '2001:DB8:0::5/64', gateway: '2001:db8::1' };
  await s.ok(s.proxmox.cloneVm({ node: 'pve1', vmid: 9000 }, spec));
  await s.proxmox.configureVm(vm, { ...spec, network: { ...spec.network, ipv6 } });
  const { options, ipset } = await firewall();
  expect(JSON.stringify(ipset)).toContain('"ipfilter-net0"');
  expect(JSON.stringify(ipset)).toContain('"127.64.0.5"');
  expect(JSON.stringify(ipset)).toContain('"2001:db8::5"');
  expect(JSON.stringify(options)).toMatch(/"policy_in":"ACCEPT"/);
  expect(options).toMatchObject({ enable: expect.anything(), ipfilter: expect.anything() });
});

test('the set follows the addresses, in a container too', async () => {
  await s.makeContainer();
  const extras = (extraAddresses: string[]) => s.proxmox.applyNetwork(container, { ...spec.network, extraAddresses });
  await extras(['127.64.0.9', '2001:db8::9']);
  await extras(['127.64.0.10', '2001:0db8::9']);
  const set = JSON.stringify((await firewall()).ipset);
  expect(set).toContain('"127.64.0.5"');
  expect(set).toContain('"127.64.0.10"');
  expect(set).toContain('"2001:db8::9"');
  expect(set).not.toContain('"127.64.0.9"');
});

test('made again it changes no address', async () => {
  await s.makeContainer();
  const network = { ...spec.network, extraAddresses: ['127.64.0.9'] };
  await s.proxmox.applyNetwork(container, network);
  const before = writes().length;
  await s.proxmox.applyNetwork(container, network);
  const again = writes().slice(before);
  expect(again.map(({ operation }) => operation)).toEqual(['PUT /nodes/pve1/lxc/105/firewall/options']);
});
