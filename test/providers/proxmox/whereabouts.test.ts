import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createProxmox } from '../../../providers/proxmox/client.ts';
import { type Setting, setting, spec, vm } from './setting.ts';

let s: Setting;
beforeEach(async () => {
  s = await setting();
  await s.makeVm();
});
afterEach(() => s.close());

const moved = { ...vm, node: 'pve2' };
const here = "Configuration file 'nodes/pve1/qemu-server/105.conf' does not exist";

describe('a guest that moved', () => {
  beforeEach(async () => {
    await s.act('move-guest', { vmid: 105, node: 'pve2' });
  });

  test('is found and read on its new node', async () => {
    expect(await s.proxmox.locate(105)).toEqual(moved);
    expect(await s.proxmox.read(vm)).toMatchObject({ ...moved, mark: spec.mark });
  });

  test('is started, changed and destroyed there', async () => {
    await s.ok(s.proxmox.start(vm));
    await s.proxmox.setPlan(vm, { cores: 3, memoryMb: 1024 });
    await s.ok(s.proxmox.stop(vm));
    expect(await s.proxmox.read(vm)).toMatchObject({ ...moved, cores: 3, status: 'stopped' });
    await s.ok(s.proxmox.destroy(vm, spec.mark));
    expect(await s.proxmox.read(vm)).toBeUndefined();
  });

  test('is backed up there: its old node would say OK and do nothing', async () => {
    await s.ok(s.proxmox.backup(vm, 'local', 'first'));
    expect(await s.proxmox.backups('pve2', 'local', 105)).toHaveLength(1);
  });

  test('may have left a node that is down', async () => {
    s.fault('/nodes/pve1/', 'node-down', { node: 'pve1' });
    expect(await s.proxmox.read(vm)).toMatchObject(moved);
  });
});

test('moving while it is acted upon is followed', async () => {
  s.fault('^PUT .*/config', 'guest-moves');
  await s.proxmox.setOnboot(vm, false);
  expect(await s.proxmox.read(vm)).toMatchObject({ onboot: false });
  expect((await s.proxmox.locate(105))?.node).not.toBe('pve1');
});

test('a guest is not gone as long as the cluster lists it', async () => {
  s.fails('^GET /nodes/pve1/qemu/105/config', 500, here);
  await expect(s.proxmox.read(vm)).rejects.toMatchObject({ kind: 'busy' });
  s.fails('^GET /nodes/pve1/qemu/105/config', 595, 'Connection refused');
  await expect(s.proxmox.read(vm)).rejects.toMatchObject({ kind: 'unavailable' });
});

test('nor when the cluster cannot be asked', async () => {
  s.fails('^GET /nodes/pve1/qemu/105/config', 500, here);
  s.fails('^GET /cluster/resources', 500, 'pve cluster filesystem not online.');
  await expect(s.proxmox.read(vm)).rejects.toMatchObject({ kind: 'busy' });
});

test('nor when it leaves its new node too', async () => {
  await s.act('move-guest', { vmid: 105, node: 'pve2' });
  s.fails(
    '^GET /nodes/pve2/qemu/105/config',
    500,
    "Configuration file 'nodes/pve2/qemu-server/105.conf' does not exist",
  );
  await expect(s.proxmox.read(vm)).rejects.toMatchObject({ kind: 'busy' });
});

test('a forbidden guest is gone only when its id is free', async () => {
  s.fails('^GET /nodes/pve1/qemu/105/config', 403, 'Permission check failed (/vms/105, VM.Audit)');
  await expect(s.proxmox.read(vm)).rejects.toMatchObject({ kind: 'denied' });
  await s.ok(s.proxmox.destroy(vm, spec.mark));
  s.fails('^GET /nodes/pve1/qemu/105/config', 403, 'Permission check failed (/vms/105, VM.Audit)');
  expect(await s.proxmox.read(vm)).toBeUndefined();
});

test('an id that changed hands shows whose it is, whatever its type', async () => {
  await s.ok(s.proxmox.destroy(vm, spec.mark));
  await s.act('plant-guest', { vmid: 105, kind: 'lxc', node: 'pve2', description: 'mpanel:another' });
  expect(await s.proxmox.read(vm)).toMatchObject({ kind: 'lxc', node: 'pve2', mark: 'another' });
  await expect(s.proxmox.destroy(vm, spec.mark)).rejects.toMatchObject({ kind: 'conflict' });
});

test('an id that changed hands on the same node too', async () => {
  await s.ok(s.proxmox.destroy(vm, spec.mark));
  await s.act('plant-guest', { vmid: 105, kind: 'lxc', node: 'pve1' });
  expect(await s.proxmox.read(vm)).toMatchObject({ kind: 'lxc', node: 'pve1', mark: undefined });
});

test('without rights everything is denied', async () => {
  await s.act('set-token', { id: 'mpanel@pve!none', secret: 'x', rights: 'none' });
  const none = createProxmox({
    url: s.env.PROXMOX_URL!,
    tokenId: 'mpanel@pve!none',
    tokenSecret: 'x',
    timeoutMs: 5000,
  });
  await expect(none.start(vm)).rejects.toMatchObject({ kind: 'denied', code: '403' });
});
