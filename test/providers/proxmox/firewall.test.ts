import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createProbe } from '../../../providers/probe/client.ts';
import { until } from '../../support/until.ts';
import { container, type Setting, setting, spec, vm } from './setting.ts';

const rule = { mark: spec.mark, note: 'closed by Guardian' };

let s: Setting;
let port: number;
let other: number;
beforeEach(async () => {
  [port, other] = [await freePort(), await freePort()];
  s = await setting();
});
afterEach(() => s.close());

/** Guests of tests that run at the same time have the same address. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.64.0.5');
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return free;
}

interface Firewalled {
  guests: { vmid: string; firewall: { options: Record<string, unknown>; rules: Record<string, unknown>[] } }[];
}
async function firewall() {
  const { guests } = (await s.running.state()) as Firewalled;
  return guests.find(({ vmid }) => vmid === '105')!.firewall;
}
/** What was written to it, as it is set apart from what was read. */
const writes = () =>
  s.requests('/firewall/(rules|options)$').flatMap(({ operation }) => (operation.startsWith('GET') ? [] : [operation]));
const isOpen = (at: number) => createProbe().connects({ address: '127.64.0.5', port: at });
/** The outside sees it a moment later. */
const shown = (...wanted: boolean[]) =>
  until(`ports ${wanted}`, async () => String([await isOpen(port), await isOpen(other)]) === String(wanted));
/** A rule as somebody adds it in the web interface. */
async function added(fields: Record<string, string>): Promise<void> {
  const { PROXMOX_URL: url, PROXMOX_TOKEN_ID: id, PROXMOX_TOKEN_SECRET: secret } = s.env;
  const { ok } = await fetch(`${url}/api2/json/nodes/pve1/qemu/105/firewall/rules`, {
    method: 'POST',
    headers: { authorization: `PVEAPIToken=${id}=${secret}` },
    body: new URLSearchParams({ type: 'in', proto: 'tcp', dport: String(port), ...fields }),
  });
  expect(ok).toBe(true);
}

describe('a port of a VM', () => {
  beforeEach(async () => {
    await s.makeVm();
    await s.ok(s.proxmox.start(vm));
    for (const open of [port, other]) await s.act('open-port', { vmid: 105, port: open });
    await shown(true, true);
  });

  test('is closed to the outside, and no other is', async () => {
    await s.proxmox.closePort(vm, port, rule);
    await shown(false, true);
    const { rules, options } = await firewall();
    expect(rules).toMatchObject([
      { type: 'in', action: 'DROP', proto: 'tcp', dport: String(port), comment: rule.note },
    ]);
    expect(options).toMatchObject({ policy_in: 'ACCEPT', policy_out: 'ACCEPT' });
  });

  test('is closed once, however often that is asked for', async () => {
    await s.proxmox.closePort(vm, port, rule);
    const before = writes().length;
    await s.proxmox.closePort(vm, port, { ...rule, note: 'again' });
    expect(writes()).toHaveLength(before);
    expect((await firewall()).rules).toHaveLength(1);
  });

  test('is closed before what lets everybody in, and where what closed it was switched off', async () => {
    await added({ action: 'DROP', enable: '0' });
    await added({ action: 'ACCEPT', enable: '1' });
    await s.proxmox.closePort(vm, port, rule);
    expect((await firewall()).rules.map(({ action }) => action)).toEqual(['DROP', 'ACCEPT', 'DROP']);
    await shown(false, true);
  });

  test('is closed by a firewall that was off', async () => {
    const { PROXMOX_URL: url, PROXMOX_TOKEN_ID: id, PROXMOX_TOKEN_SECRET: secret } = s.env;
    await fetch(`${url}/api2/json/nodes/pve1/qemu/105/firewall/options`, {
      method: 'PUT',
      headers: { authorization: `PVEAPIToken=${id}=${secret}` },
      body: new URLSearchParams({ enable: '0' }),
    });
    await s.proxmox.closePort(vm, port, rule);
    expect((await firewall()).options).toMatchObject({ enable: '1' });
    await shown(false, true);
  });

  test.each(['before', 'after'] as const)(
    'whose answer is lost %s its effect is unknown; again it is closed once',
    async (phase) => {
      s.self.faults.add({ match: '^POST .*/firewall/rules', phase, action: { kind: 'drop' } });
      await expect(s.proxmox.closePort(vm, port, rule)).rejects.toMatchObject({ kind: 'unknown' });
      expect((await firewall()).rules).toHaveLength(phase === 'after' ? 1 : 0);
      await s.proxmox.closePort(vm, port, rule);
      expect((await firewall()).rules).toHaveLength(1);
      await shown(false, true);
    },
  );

  test('of somebody else is left alone', async () => {
    const stranger = { ...rule, mark: '0190a0b0-0000-7000-8000-00000000ffff' };
    const before = writes();
    await expect(s.proxmox.closePort(vm, port, stranger)).rejects.toMatchObject({ kind: 'conflict' });
    expect([writes(), await isOpen(port)]).toEqual([before, true]);
  });
});

test('a container’s firewall is its own', async () => {
  await s.makeContainer();
  await s.proxmox.closePort(container, port, rule);
  expect((await firewall()).rules).toMatchObject([{ action: 'DROP', dport: String(port), enable: '1' }]);
  expect((await firewall()).options).toMatchObject({ enable: '1' });
});

test('a guest that is nowhere is an error', async () => {
  await expect(s.proxmox.closePort(vm, port, rule)).rejects.toMatchObject({ kind: 'absent' });
});
