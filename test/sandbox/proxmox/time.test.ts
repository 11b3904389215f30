import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Running, standIn } from '../../../sandbox/lib/stand-in.ts';
import { Store } from '../../../sandbox/lib/store.ts';
import { start } from '../../../sandbox/proxmox/index.ts';
import { selfSigned } from './certificate.ts';
import { type Cluster, openCluster } from './client.ts';

let pve: Cluster | undefined;
afterEach(async () => {
  await pve?.close();
  pve = undefined;
});

const CLONE = '/nodes/pve1/qemu/9000/clone';

describe('time passes', () => {
  test('a clone takes its time, locked, and a second one of the template waits for it', async () => {
    pve = await openCluster({ speed: 0.5 });
    const { data } = await pve.call('POST', CLONE, { newid: '500' });
    const running = await pve.call('GET', `/nodes/pve1/tasks/${encodeURIComponent(String(data))}/status`);
    expect(running.data).toMatchObject({
      status: 'running',
      type: 'qmclone',
      id: '9000',
      user: 'mpanel@pve',
      tokenid: 'api',
    });
    expect((await pve.call('GET', '/nodes/pve1/qemu/500/config')).data).toMatchObject({ lock: 'clone' });
    expect(await pve.task('POST', '/nodes/pve1/qemu/500/status/start')).toBe('VM is locked (clone)');
    expect(await pve.exitOf(String(data))).toBe('OK');
    expect((await pve.call('GET', '/nodes/pve1/qemu/500/config')).data).not.toHaveProperty('lock');
  });

  test('many clones of one template at once fight for its lock, and some lose', async () => {
    pve = await openCluster({ speed: 1 });
    const cluster = pve;
    const wishes = Array.from({ length: 10 }, (_, n) => cluster.task('POST', CLONE, { newid: String(510 + n) }));
    const exits = Object.groupBy(await Promise.all(wishes), (exit) => exit);
    const timeout = "clone failed: can't lock file '/var/lock/qemu-server/lock-9000.conf' - got timeout";
    expect(Object.keys(exits).toSorted()).toEqual(['OK', timeout]);
  });

  test('a task that is killed takes back what it began', async () => {
    pve = await openCluster({ speed: 1 });
    const { data } = await pve.call('POST', CLONE, { newid: '520' });
    const upid = encodeURIComponent(String(data));
    await pve.call('DELETE', `/nodes/pve1/tasks/${upid}`);
    expect((await pve.call('GET', `/nodes/pve1/tasks/${upid}/status`)).data).toMatchObject({
      exitstatus: 'interrupted by signal',
    });
    expect((await pve.call('GET', '/nodes/pve1/qemu/520/config')).status).toBe(500);
  });

  test('a wrong token waits, and so does a wrong password', async () => {
    pve = await openCluster({ speed: 0.05 });
    const begun = Date.now();
    expect((await fetch(`${pve.env.PROXMOX_URL}/api2/json/version`)).status).toBe(401);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(140);
    const asked = Date.now();
    expect((await pve.call('POST', '/access/ticket', { username: 'root@pam', password: 'wrong' })).status).toBe(401);
    expect(Date.now() - asked).toBeGreaterThanOrEqual(140);
  });
});

const reachable = (host: string, port: number) =>
  new Promise<boolean>((done) => {
    const socket = connect({ host, port }, () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });

/** The stand-in on a file, as often as it is begun; whatever is left is closed after the test. */
function processes() {
  const dir = mkdtempSync(join(tmpdir(), 'mpanel-pve-restart-'));
  const alive = new Set<() => Promise<void>>();
  let edge = 0;

  async function begin(speed: number) {
    const store = new Store(join(dir, 'sandbox.sqlite'));
    const port = async (use: string) => (use === 'edge' ? edge : 0);
    const running = await start(standIn('proxmox', store), { host: '127.0.0.1', port, dir, speed, env: {} });
    edge = Number(running.env.TLS_PORT);
    const end = async () => {
      alive.delete(end);
      await running.close();
      store.close();
    };
    alive.add(end);
    return { running, end, edge, call: caller(running) };
  }

  async function close() {
    for (const end of alive) await end();
    rmSync(dir, { recursive: true, force: true });
  }
  return { begin, close };
}

function caller({ env }: Running) {
  const authorization = `PVEAPIToken=${env.PROXMOX_TOKEN_ID}=${env.PROXMOX_TOKEN_SECRET}`;
  return async (method: string, path: string, params?: Record<string, string>) => {
    const form = params ? { body: new URLSearchParams(params) } : {};
    const response = await fetch(`${env.PROXMOX_URL}/api2/json${path}`, {
      method,
      headers: { authorization },
      ...form,
    });
    return ((await response.json()) as { data: Record<string, string> }).data;
  };
}

describe('a restart of the process', () => {
  let place: ReturnType<typeof processes>;
  beforeEach(() => {
    place = processes();
  });
  afterEach(() => place.close());

  test('guests show their faces again', async () => {
    const first = await place.begin(0);
    const { key, cert } = await selfSigned('kept.example.test');
    const config = { agent: '1', ipconfig0: 'ip=127.64.9.9/16' };
    await first.running.acts?.['plant-guest']?.({ vmid: 600, kind: 'qemu', config, running: true });
    const agent = '/nodes/pve1/qemu/600/agent';
    await first.call('POST', `${agent}/file-write`, { file: '/etc/mpanel/tls/privkey.pem', content: key });
    await first.call('POST', `${agent}/file-write`, { file: '/etc/mpanel/tls/fullchain.pem', content: cert });
    await first.call('POST', `${agent}/exec`, { command: 'reload' });
    expect(await reachable('127.64.9.9', first.edge)).toBe(true);
    await first.end();
    expect(await reachable('127.64.9.9', first.edge)).toBe(false);
    const second = await place.begin(0);
    expect([second.edge, await reachable('127.64.9.9', second.edge)]).toEqual([first.edge, true]);
  });

  test('what is gone stays gone', async () => {
    const first = await place.begin(0);
    await first.running.acts?.['destroy-guest']?.({ vmid: 9001 });
    await first.end();
    const second = await place.begin(0);
    expect(await second.call('GET', '/nodes/pve1/qemu/9001/config')).toBeNull();
  });

  test('a task ends by the clock', async () => {
    const first = await place.begin(0.01);
    const upid = await first.call('POST', CLONE, { newid: '601' });
    await first.end();
    const second = await place.begin(1);
    const path = `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}/status`;
    let status = await second.call('GET', path);
    while (status.status !== 'stopped') status = await second.call('GET', path);
    expect(status.exitstatus).toBe('OK');
    expect(await second.call('GET', '/nodes/pve1/qemu/601/config')).not.toHaveProperty('lock');
  });
});
