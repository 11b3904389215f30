import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Cluster, openCluster } from './client.ts';

let pve: Cluster;
beforeEach(async () => {
  pve = await openCluster();
  await pve.act('plant-guest', { vmid: 400, kind: 'qemu', node: 'pve1', name: 'box', config: { agent: '1' } });
});
afterEach(() => pve.close());

const vm = '/nodes/pve1/qemu/400';
const CLONE = '/nodes/pve1/qemu/9000/clone';
const status = async () => ((await pve.call('GET', `${vm}/status/current`)).data as { status: string }).status;
const said = async (method: string, path: string, params: Record<string, string> = {}) =>
  (await pve.call(method, path, params)).message;

function strike(
  name: string,
  { match = '', data, times = 1 }: { match?: string; data?: unknown; times?: number | null } = {},
) {
  pve.self.faults.add({ match, phase: 'switch', action: { kind: 'switch', name, data }, times });
}

describe('tasks that mislead', () => {
  test('upid-vanishes: the work is done, the UPID unknown', async () => {
    strike('upid-vanishes', { match: 'status/start' });
    const { data } = await pve.call('POST', `${vm}/status/start`);
    const asked = await pve.call('GET', `/nodes/pve1/tasks/${encodeURIComponent(String(data))}/status`);
    expect([asked.status, asked.errors]).toEqual([400, { upid: 'no such task' }]);
    expect(await status()).toBe('running');
  });

  test('task-unexpected-status: the work is done, the task does not know', async () => {
    strike('task-unexpected-status');
    expect(await pve.task('POST', CLONE, { newid: '401' })).toBe('unexpected status');
    expect((await pve.call('GET', '/nodes/pve1/qemu/401/config')).data).not.toHaveProperty('lock');
  });

  test('task-ok-not-done: the task is content, nothing happened', async () => {
    strike('task-ok-not-done', { match: 'status/start' });
    expect(await pve.task('POST', `${vm}/status/start`)).toBe('OK');
    expect(await status()).toBe('stopped');
  });

  test('task-fails: with the sentence wanted, and without leftovers', async () => {
    strike('task-fails', { data: 'clone failed: got no worker upid' });
    expect(await pve.task('POST', CLONE, { newid: '401' })).toBe('clone failed: got no worker upid');
    expect((await pve.call('GET', '/nodes/pve1/qemu/401/config')).status).toBe(500);
  });

  test('storage-full: a clone ends and takes its disks back', async () => {
    strike('storage-full');
    expect(await pve.task('POST', CLONE, { newid: '401' })).toMatch(/^clone failed: not enough free space/);
    expect(await pve.task('POST', CLONE, { newid: '401' })).toBe('OK');
  });
});

describe('locks', () => {
  test('lock-held: for its time, then not', async () => {
    strike('lock-held', { data: { vmid: 400, lock: 'backup', forMs: 2000 } });
    expect((await pve.call('PUT', '/nodes/pve1/qemu/9000/config', { cores: '2' })).status).toBe(200);
    expect(await said('PUT', `${vm}/config`, { cores: '2' })).toBe('VM is locked (backup)\n');
    expect(await pve.task('POST', `${vm}/status/start`)).toBe('VM is locked (backup)');
    expect(await pve.task('DELETE', vm)).toBe('VM is locked (backup)');
    const begun = Date.now();
    while ((await pve.task('POST', `${vm}/status/start`)) !== 'OK') expect(Date.now() - begun).toBeLessThan(20_000);
    expect(await status()).toBe('running');
  });

  test('a destroy that finds a lock leaves it as it was', async () => {
    await pve.act('set-config', { vmid: 400, config: { lock: 'migrate' } });
    expect(await pve.task('DELETE', vm)).toBe('VM is locked (migrate)');
    expect(await pve.task('DELETE', vm)).toBe('VM is locked (migrate)');
  });

  test('flock-timeout', async () => {
    strike('flock-timeout');
    expect(await said('PUT', `${vm}/config`, { cores: '2' })).toBe(
      "can't lock file '/var/lock/qemu-server/lock-400.conf' - got timeout\n",
    );
  });
});

describe('the cluster', () => {
  test('guest-moves: it is on the other node', async () => {
    strike('guest-moves', { match: '/qemu/400/' });
    expect(await said('POST', `${vm}/status/start`)).toBe(
      "Configuration file 'nodes/pve1/qemu-server/400.conf' does not exist\n",
    );
    const { data } = await pve.call('GET', '/cluster/resources', { type: 'vm' });
    expect(data).toContainEqual(expect.objectContaining({ vmid: 400, node: 'pve2' }));
    expect(await pve.task('POST', '/nodes/pve2/qemu/400/status/start')).toBe('OK');
  });

  test('quorum-lost: reads go on, writes die, nobody knows what runs', async () => {
    strike('quorum-lost', { times: null });
    expect(await said('POST', `${vm}/status/start`)).toBe('cluster not ready - no quorum?\n');
    expect(await status()).toBe('stopped');
    const { data } = await pve.call('GET', '/cluster/resources', { type: 'vm' });
    expect(data).toContainEqual(expect.objectContaining({ vmid: 400, status: 'unknown' }));
  });

  test('node-down: 595, and nothing ran', async () => {
    strike('node-down', { match: '/nodes/pve1/', data: { node: 'pve1' }, times: null });
    expect((await pve.call('POST', `${vm}/status/start`)).status).toBe(595);
    expect((await pve.call('GET', '/nodes/pve2/status')).status).toBe(200);
    const { data } = await pve.call('GET', '/cluster/resources', { type: 'node' });
    expect(data).toContainEqual(expect.objectContaining({ node: 'pve1', status: 'offline' }));
    pve.self.faults.clear();
    expect(await status()).toBe('stopped');
  });

  test('proxy-timeout-596: it ran', async () => {
    strike('proxy-timeout-596', { match: 'clone' });
    expect((await pve.call('POST', CLONE, { newid: '401' })).status).toBe(596);
    expect(await said('POST', CLONE, { newid: '401' })).toBe('unable to create VM 401: config file already exists\n');
  });

  test('the kit drops an answer after the effect', async () => {
    pve.self.faults.add({ match: 'clone', phase: 'after', action: { kind: 'drop' } });
    await expect(pve.call('POST', CLONE, { newid: '401' })).rejects.toThrow();
    expect((await pve.call('GET', '/nodes/pve1/qemu/401/config')).status).toBe(200);
  });
});

describe('the guest agent', () => {
  test('needs to be configured, a running VM, and its time', async () => {
    expect(await said('POST', `${vm}/agent/ping`)).toBe('VM 400 is not running\n');
    await pve.task('POST', `${vm}/status/start`);
    strike('agent-never-answers', { match: 'agent/ping' });
    expect(await said('POST', `${vm}/agent/ping`)).toBe('QEMU guest agent is not running\n');
    expect((await pve.call('POST', `${vm}/agent/ping`)).data).toEqual({ result: {} });
    await pve.act('set-config', { vmid: 400, config: { agent: null } });
    expect(await said('POST', `${vm}/agent/ping`)).toBe('No QEMU guest agent configured\n');
  });

  test('writes and reads files, sets the password, shows addresses', async () => {
    await pve.call('PUT', `${vm}/config`, { ipconfig0: 'ip=127.64.9.7/16,gw=127.64.0.1', net0: 'virtio,bridge=vmbr0' });
    await pve.task('POST', `${vm}/status/start`);
    const file = '/tmp/note';
    await pve.call('POST', `${vm}/agent/file-write`, {
      file,
      content: Buffer.from('hello').toString('base64'),
      encode: '0',
    });
    expect((await pve.call('GET', `${vm}/agent/file-read`, { file })).data).toEqual({
      content: 'hello',
      'bytes-read': 5,
    });
    await pve.call('POST', `${vm}/agent/set-user-password`, { username: 'root', password: 'secret-1' });
    const state = (await pve.running.state()) as { guests: { vmid: string; password?: string }[] };
    expect(state.guests.find(({ vmid }) => vmid === '400')?.password).toBe('secret-1');
    const { data } = await pve.call('GET', `${vm}/agent/network-get-interfaces`);
    expect(JSON.stringify(data)).toContain('"ip-address":"127.64.9.7"');
  });
});
