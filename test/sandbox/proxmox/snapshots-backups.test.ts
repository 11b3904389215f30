import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Cluster, openCluster } from './client.ts';

let pve: Cluster;
beforeAll(async () => {
  pve = await openCluster();
  await pve.act('plant-guest', { vmid: 300, kind: 'lxc', node: 'pve1', name: 'box', running: true });
});
afterAll(() => pve.close());

const ct = '/nodes/pve1/lxc/300';
const names = async () =>
  ((await pve.call('GET', `${ct}/snapshot`)).data as { name: string }[]).map(({ name }) => name);

describe('snapshots', () => {
  test('are taken, listed with "current", and refused by their task', async () => {
    expect(await pve.task('POST', `${ct}/snapshot`, { snapname: 'before', description: 'd' })).toBe('OK');
    expect(await names()).toEqual(['before', 'current']);
    expect(await pve.task('POST', `${ct}/snapshot`, { snapname: 'before' })).toBe(
      "snapshot name 'before' already used",
    );
    expect(await pve.task('DELETE', `${ct}/snapshot/nothing`)).toBe("snapshot 'nothing' does not exist");
    expect((await pve.call('POST', `${ct}/snapshot`, { snapname: 'current' })).message).toBe(
      "unable to use snapshot name 'current' (reserved name)\n",
    );
  });

  test('a rollback brings the old config back and leaves the guest stopped', async () => {
    await pve.call('PUT', `${ct}/config`, { memory: '2048' });
    expect(await pve.task('POST', `${ct}/snapshot/before/rollback`)).toBe('OK');
    expect((await pve.call('GET', `${ct}/config`)).data).toMatchObject({ memory: 512 });
    expect((await pve.call('GET', `${ct}/status/current`)).data).toMatchObject({ status: 'stopped' });
  });

  test('ZFS rolls back to the most recent one only', async () => {
    const disk = { rootfs: 'tank:subvol-300-disk-0,size=8G' };
    await pve.act('set-config', { vmid: 300, config: disk });
    await pve.task('POST', `${ct}/snapshot`, { snapname: 'later' });
    expect(await pve.task('POST', `${ct}/snapshot/before/rollback`)).toBe(
      "can't rollback, 'before' is not most recent snapshot on 'tank:subvol-300-disk-0'",
    );
    expect(await pve.task('DELETE', `${ct}/snapshot/later`)).toBe('OK');
    expect(await names()).toEqual(['before', 'current']);
  });

  test('a plain directory cannot', async () => {
    await pve.act('set-config', { vmid: 300, config: { rootfs: 'local:300/vm-300-disk-0.raw,size=8G' } });
    expect(await pve.task('POST', `${ct}/snapshot`, { snapname: 'second' })).toBe('snapshot feature is not available');
  });
});

describe('backups', () => {
  const content = '/nodes/pve1/storage/backup/content';
  const list = async () =>
    (await pve.call('GET', content, { content: 'backup', vmid: '300' })).data as { volid: string; notes: string }[];

  test('are made, listed, and restored with the config of their time', async () => {
    const dump = { vmid: '300', storage: 'backup', mode: 'snapshot', 'notes-template': '{{guestname}}' };
    expect(await pve.task('POST', '/nodes/pve1/vzdump', dump)).toBe('OK');
    const [backup] = await list();
    expect(backup).toMatchObject({
      notes: 'box',
      volid: expect.stringMatching(/^backup:backup\/vzdump-lxc-300-.*\.tar\.zst$/),
    });
    await pve.call('PUT', `${ct}/config`, { memory: '4096' });
    const restore = { vmid: '300', ostemplate: String(backup?.volid), restore: '1', storage: 'local-lvm' };
    expect((await pve.call('POST', '/nodes/pve1/lxc', restore)).message).toBe(
      "unable to restore CT 300 - CT 300 already exists on node 'pve1'\n",
    );
    expect(await pve.task('POST', '/nodes/pve1/lxc', { ...restore, force: '1' })).toBe('OK');
    expect((await pve.call('GET', `${ct}/config`)).data).toMatchObject({ memory: 512, hostname: 'box' });
  });

  test('guests of other nodes are passed over in silence, locked ones fail the job', async () => {
    expect((await pve.call('POST', '/nodes/pve2/vzdump', { vmid: '300', storage: 'backup' })).data).toBe('OK');
    await pve.act('set-config', { vmid: 300, config: { lock: 'snapshot' } });
    const { data } = await pve.call('POST', '/nodes/pve1/vzdump', { vmid: '300', storage: 'backup' });
    expect(await pve.exitOf(String(data))).toBe('job errors');
    const log = await pve.call('GET', `/nodes/pve1/tasks/${encodeURIComponent(String(data))}/log`);
    expect(JSON.stringify(log.data)).toContain('ERROR: Backup of VM 300 failed - VM is locked (snapshot)');
    await pve.act('set-config', { vmid: 300, config: { lock: null } });
  });

  test('protected ones stay', async () => {
    const [backup] = await list();
    const path = `${content}/${encodeURIComponent(String(backup?.volid))}`;
    await pve.call('PUT', path, { protected: '1' });
    expect(await pve.task('DELETE', path)).toMatch(/^cannot remove protected volume/);
    await pve.call('PUT', path, { protected: '0' });
    expect((await pve.call('DELETE', path, { delay: '5' })).data).toBeNull();
    expect(await list()).toEqual([]);
  });

  test('jobs: made, changed, run, and rid of a guest that is purged', async () => {
    const job = { id: 'daily', schedule: '02:30', vmid: '300', storage: 'backup', 'prune-backups': 'keep-last=1' };
    expect((await pve.call('POST', '/cluster/backup', job)).status).toBe(200);
    expect((await pve.call('POST', '/cluster/backup', { schedule: '1:00' })).errors).toHaveProperty('vmid');
    await pve.call('PUT', '/cluster/backup/daily', { schedule: '03:30' });
    expect((await pve.call('GET', '/cluster/backup/daily')).data).toMatchObject({
      schedule: '03:30',
      vmid: '300',
      enabled: 1,
    });
    for (const _twice of [1, 2]) {
      const upids = (await pve.act('run-job', { id: 'daily' })) as string[];
      for (const upid of upids) expect(await pve.exitOf(upid)).toBe('OK');
    }
    expect(await list()).toHaveLength(1);
    await pve.task('DELETE', ct, { purge: '1' });
    expect((await pve.call('GET', '/cluster/backup/daily')).data).toMatchObject({ vmid: '' });
    await pve.call('DELETE', '/cluster/backup/daily');
    expect((await pve.call('GET', '/cluster/backup')).data).toEqual([]);
    expect(await list()).toHaveLength(1);
  });
});
