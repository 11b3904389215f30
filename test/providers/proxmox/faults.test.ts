import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Upid } from '../../../providers/proxmox/port.ts';
import { type Setting, setting, spec, TEMPLATE, vm } from './setting.ts';

let s: Setting;
beforeEach(async () => {
  s = await setting();
});
afterEach(() => s.close());

const endOf = async (submitted: Promise<Upid | undefined>) => s.proxmox.taskStatus((await submitted)!);
const OK = { state: 'ok', exit: 'OK' };

describe('a task that ends OK is no proof', () => {
  test('though nothing was cloned: there is no guest', async () => {
    s.fault('/clone$', 'task-ok-not-done');
    expect(await endOf(s.proxmox.cloneVm(TEMPLATE, spec))).toEqual(OK);
    expect(await s.proxmox.read(vm)).toBeUndefined();
    await s.makeVm();
  });

  test('though nothing was started: the guest is stopped, and the next call starts it', async () => {
    await s.makeVm();
    s.fault('status/start$', 'task-ok-not-done');
    expect(await endOf(s.proxmox.start(vm))).toEqual(OK);
    expect((await s.proxmox.read(vm))?.status).toBe('stopped');
    await s.ok(s.proxmox.start(vm));
    expect((await s.proxmox.read(vm))?.status).toBe('running');
  });

  test('though nothing grew: the disk is as it was, and the next call grows it', async () => {
    await s.makeVm();
    const { diskGb = 0 } = (await s.proxmox.read(vm)) ?? {};
    s.fault('/resize$', 'task-ok-not-done');
    expect(await endOf(s.proxmox.growDisk(vm, diskGb + 10))).toEqual(OK);
    expect((await s.proxmox.read(vm))?.diskGb).toBe(diskGb);
    await s.ok(s.proxmox.growDisk(vm, diskGb + 10));
    expect((await s.proxmox.read(vm))?.diskGb).toBe(diskGb + 10);
  });

  test('though nothing was destroyed: the guest is there, and the next call destroys it', async () => {
    await s.makeVm();
    s.fault('^DELETE', 'task-ok-not-done');
    expect(await endOf(s.proxmox.destroy(vm, spec.mark))).toEqual(OK);
    expect((await s.proxmox.read(vm))?.mark).toBe(spec.mark);
    await s.ok(s.proxmox.destroy(vm, spec.mark));
    expect(await s.proxmox.read(vm)).toBeUndefined();
  });
});

describe('a guest that others hold', () => {
  beforeEach(() => s.makeVm());
  const plan = { cores: 4, memoryMb: 4096 };
  const locked = { kind: 'busy', detail: expect.stringMatching(/is locked \(backup\)/) };

  test('for a backup is busy, told by the call or by its task, until that has ended', async () => {
    s.fault('^PUT .*/config$', 'lock-held', { vmid: 105, lock: 'backup', forMs: 600_000 });
    await expect(s.proxmox.setPlan(vm, plan)).rejects.toMatchObject(locked);
    expect((await s.proxmox.read(vm))?.lock).toBe('backup');
    expect(await endOf(s.proxmox.start(vm))).toMatchObject({ state: 'failed', kind: 'busy' });
    await s.act('set-config', { vmid: 105, config: { lock: null } });
    await s.proxmox.setPlan(vm, plan);
    expect(await s.proxmox.read(vm)).toMatchObject({ ...plan, lock: undefined });
  });

  test('whose lock was left behind is busy, and shows the lock', async () => {
    await s.act('set-config', { vmid: 105, config: { lock: 'clone' } });
    await expect(s.proxmox.setPlan(vm, plan)).rejects.toMatchObject({ kind: 'busy' });
    expect((await s.proxmox.read(vm))?.lock).toBe('clone');
  });

  test('by its config file is busy, and nothing has changed', async () => {
    s.fault('^PUT .*/config$', 'flock-timeout');
    await expect(s.proxmox.setPlan(vm, plan)).rejects.toMatchObject({ kind: 'busy' });
    expect((await s.proxmox.read(vm))?.cores).toBe(spec.cores);
    await s.proxmox.setPlan(vm, plan);
  });
});

describe('a cluster', () => {
  test('without quorum takes no writes, which is busy; it is read, and of no guest is told that it stands still', async () => {
    await s.makeVm();
    s.self.faults.add({ match: '.', phase: 'switch', action: { kind: 'switch', name: 'quorum-lost' }, times: null });
    await expect(s.proxmox.start(vm)).rejects.toMatchObject({ kind: 'busy' });
    await expect(s.proxmox.destroy(vm, spec.mark)).rejects.toMatchObject({ kind: 'busy' });
    expect((await s.proxmox.read(vm))?.mark).toBe(spec.mark);
    expect(await s.proxmox.list()).toMatchObject([{ vmid: 105, status: 'unknown' }]);
  });

  test('without space ends a clone as busy and keeps nothing of it', async () => {
    s.fault('/clone$', 'storage-full');
    expect(await endOf(s.proxmox.cloneVm(TEMPLATE, spec))).toMatchObject({ state: 'failed', kind: 'busy' });
    expect(await s.proxmox.read(vm)).toBeUndefined();
  });
});
