import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ended } from '../../../providers/proxmox/tasks.ts';
import { parseUpid } from '../../../providers/proxmox/upid.ts';
import { CONTAINER_TEMPLATE, container, type Setting, setting, spec, vm } from './setting.ts';

let s: Setting;
beforeEach(async () => {
  s = await setting();
});
afterEach(() => s.close());

test('a UPID has its parts', () => {
  expect(parseUpid('UPID:pve1:0000C530:001C9BF5F:68DD2A10:vzcreate:105:mpanel@pve!api:')).toEqual({
    node: 'pve1',
    startedAt: new Date(0x68dd2a10 * 1000),
    type: 'vzcreate',
    id: '105',
    user: 'mpanel@pve!api',
  });
  expect(parseUpid('UPID:pve1:00:00:00:x:y:z:')).toBeUndefined();
  expect(parseUpid('OK')).toBeUndefined();
});

test.each([
  ['OK', { state: 'ok', exit: 'OK' }],
  ['WARNINGS: 2', { state: 'ok', exit: 'WARNINGS: 2' }],
  ['CT is locked (backup)', { state: 'failed', exit: 'CT is locked (backup)', kind: 'busy' }],
  ['VM 105 already running', { state: 'failed', exit: 'VM 105 already running', kind: 'conflict' }],
  ['job errors', { state: 'failed', exit: 'job errors', kind: 'unknown' }],
  ['unexpected status', { state: 'lost' }],
  ["unable to get last line from task log - can't open", { state: 'lost' }],
  [undefined, { state: 'lost' }],
])('a task that ended with %s', (exit, status) => expect(ended(exit)).toEqual(status));

describe('a task', () => {
  test('that still runs is running, and found though it has no end yet', async () => {
    await s.close();
    s = await setting({ speed: 1 });
    const upid = await s.proxmox.createContainer(CONTAINER_TEMPLATE, spec);
    expect(await s.proxmox.taskStatus(upid)).toEqual({ state: 'running' });
    expect((await s.proxmox.read(container))?.lock).toBe('create');
    expect(await s.proxmox.findTask(container, 'vzcreate', new Date(0))).toBe(upid);
  });

  test('that failed tells why', async () => {
    s.fault('^POST .*/lxc$', 'task-fails', "volume 'local:vztmpl/x.tar.zst' does not exist");
    const upid = await s.proxmox.createContainer(CONTAINER_TEMPLATE, spec);
    expect(await s.proxmox.taskStatus(upid)).toMatchObject({ state: 'failed', kind: 'refused' });
  });

  test('that nobody knows any more is lost, the guest is there', async () => {
    s.fault('^POST .*/lxc$', 'upid-vanishes');
    const upid = await s.proxmox.createContainer(CONTAINER_TEMPLATE, spec);
    expect(await s.proxmox.taskStatus(upid)).toEqual({ state: 'lost' });
    expect((await s.proxmox.read(container))?.mark).toBe(spec.mark);
  });

  test('that was killed is lost', async () => {
    s.fault('^POST .*/lxc$', 'task-unexpected-status');
    const upid = await s.proxmox.createContainer(CONTAINER_TEMPLATE, spec);
    expect(await s.proxmox.taskStatus(upid)).toEqual({ state: 'lost' });
  });

  test('on a node that is down is not lost', async () => {
    const upid = await s.proxmox.createContainer(CONTAINER_TEMPLATE, spec);
    s.fault('/tasks/', 'node-down', { node: 'pve1' });
    await expect(s.proxmox.taskStatus(upid)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('whose UPID is none is lost', async () => {
    expect(await s.proxmox.taskStatus('nonsense')).toEqual({ state: 'lost' });
    const unknown = 'UPID:pve1:0000C530:001C9BF5F:68DD2A10:vzcreate:105:mpanel@pve!api:';
    expect(await s.proxmox.taskStatus(unknown)).toEqual({ state: 'lost' });
  });
});

describe('a lost answer', () => {
  test('to a create is found again by its task', async () => {
    const before = new Date();
    s.self.faults.add({ match: '^POST .*/lxc$', phase: 'after', action: { kind: 'drop' } });
    const lost = s.proxmox.createContainer(CONTAINER_TEMPLATE, spec);
    await expect(lost).rejects.toMatchObject({ kind: 'unknown' });
    const upid = await s.proxmox.findTask(container, 'vzcreate', before);
    expect(parseUpid(upid ?? '')).toMatchObject({ type: 'vzcreate', id: '105' });
    await s.ok(Promise.resolve(upid));
    expect((await s.proxmox.read(container))?.mark).toBe(spec.mark);
  });

  test('of another kind, guest or time is not found', async () => {
    await s.makeContainer();
    const before = new Date(Date.now() - 60_000);
    expect(await s.proxmox.findTask(container, 'vzstart', before)).toBeUndefined();
    expect(await s.proxmox.findTask({ ...container, vmid: 106 }, 'vzcreate', before)).toBeUndefined();
    expect(await s.proxmox.findTask(container, 'vzcreate', new Date(Date.now() + 60_000))).toBeUndefined();
    expect(await s.proxmox.findTask(container, 'vzcreate', before)).toBeDefined();
  });

  test('the newest of several is found', async () => {
    const task = (hex: string) => ({
      upid: `UPID:pve1:0000C530:001C9BF5F:${hex}:vzcreate:105:mpanel@pve!api:`,
      type: 'vzcreate',
      starttime: Number.parseInt(hex, 16),
    });
    const data = [task('68DD2A10'), task('68DD2A12'), task('68DD2A11')];
    s.self.faults.add({ match: '/tasks$', phase: 'before', action: { kind: 'status', status: 200, body: { data } } });
    expect(await s.proxmox.findTask(container, 'vzcreate', new Date(0))).toBe(data[1]!.upid);
  });

  test('to a clone shows in the guest, not in its tasks', async () => {
    s.self.faults.add({ match: '/clone$', phase: 'after', action: { kind: 'drop' } });
    await expect(s.makeVm()).rejects.toMatchObject({ kind: 'unknown' });
    expect(await s.proxmox.findTask(vm, 'qmclone', new Date(0))).toBeUndefined();
    expect((await s.proxmox.read(vm))?.mark).toBe(spec.mark);
  });
});
