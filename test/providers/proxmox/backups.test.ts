import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { container, type Setting, setting, spec } from './setting.ts';

let s: Setting;
beforeEach(async () => {
  s = await setting();
  await s.makeContainer();
});
afterEach(() => s.close());

const list = () => s.proxmox.backups('pve1', 'local', 105);

describe('a backup', () => {
  test('is made, listed and deleted', async () => {
    expect(await list()).toEqual([]);
    const before = Date.now();
    await s.ok(s.proxmox.backup(container, 'local', 'web1 \\o/ {{guestname}}\nsecond line'));
    const [backup] = await list();
    expect(backup).toMatchObject({
      vmid: 105,
      protected: false,
      notes: 'web1 \\o/ { {guestname}}',
      volid: expect.stringMatching(/^local:backup\/vzdump-lxc-105-/),
    });
    expect(backup!.sizeBytes).toBeGreaterThan(0);
    expect(Math.abs(backup!.createdAt.getTime() - before)).toBeLessThan(5000);
    await s.ok(s.proxmox.deleteBackup('pve1', 'local', backup!.volid));
    expect(await list()).toEqual([]);
    expect(await s.proxmox.deleteBackup('pve1', 'local', backup!.volid)).toBeUndefined();
  });

  test('has its notes word for word', async () => {
    await s.ok(s.proxmox.backup(container, 'local', 'C:\\new {{vmid}}\nx'));
    const { body } = s.requests('vzdump$')[0]!.request as { body: string };
    expect(new URLSearchParams(body).get('notes-template')).toBe('C:\\\\new { {vmid}}\\nx');
  });

  test('behind another of its node seems to run, is found by its task, and is made in the end', async () => {
    const before = new Date();
    s.fault('vzdump$', 'backup-queued', { forMs: 300 });
    const upid = await s.proxmox.backup(container, 'local', '');
    expect(await s.proxmox.taskStatus(upid)).toEqual({ state: 'running' });
    expect(await list()).toEqual([]);
    expect(await s.proxmox.findTask(container, 'vzdump', before)).toBe(upid);
    await s.ok(Promise.resolve(upid));
    expect(await list()).toHaveLength(1);
  });

  test('that gives up its place in the queue is lost, and there is none', async () => {
    s.fault('vzdump$', 'backup-queued', { forMs: 4 * 3_600_000 });
    const upid = await s.proxmox.backup(container, 'local', '');
    expect(await s.proxmox.taskStatus(upid)).toEqual({ state: 'lost' });
    expect(await list()).toEqual([]);
  });

  test('of a locked guest fails as busy', async () => {
    s.fails('vzdump$', 500, 'CT is locked (backup)');
    await expect(s.proxmox.backup(container, 'local', '')).rejects.toMatchObject({ kind: 'busy' });
  });
});

describe('a backup job', () => {
  const job = { vmid: 105, storage: 'local', schedule: '02:30', keep: 7, mark: spec.mark, notes: 'plan 1' };
  const jobs = async () => ((await s.running.state()) as { jobs: Record<string, unknown>[] }).jobs;

  test('is created, made equal and deleted', async () => {
    await s.proxmox.ensureBackupJob('mpanel-105', job);
    await s.proxmox.ensureBackupJob('mpanel-105', job);
    await s.proxmox.ensureBackupJob('mpanel-105', { ...job, keep: 3, schedule: 'sat 03:00' });
    expect(await jobs()).toHaveLength(1);
    const text = JSON.stringify(await jobs());
    expect(text).toContain('keep-last=3');
    expect(text).toContain('sat 03:00');
    await s.proxmox.deleteBackupJob('mpanel-105');
    await s.proxmox.deleteBackupJob('mpanel-105');
    expect(await jobs()).toEqual([]);
  });

  test('is not taken from somebody else', async () => {
    await s.proxmox.ensureBackupJob('mpanel-105', { ...job, mark: 'another' });
    await expect(s.proxmox.ensureBackupJob('mpanel-105', job)).rejects.toMatchObject({ kind: 'conflict' });
  });
});
