import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Node } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { type Api, startApi, stock } from './support.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
  await stock(api);
  const em = api.orm.em.fork();
  em.create(Node, {
    ...{
      id: newId(),
      name: 'control-a',
      role: 'control',
      ip: '127.64.0.9',
      status: 'online',
      cores: 4,
      memoryMb: 8_192,
    },
    ...{ lastHeartbeatAt: new Date(), cpuUsage: 0.5, memoryUsedMb: 4_096, uptimeSeconds: 60 },
  });
  await em.flush();
});
afterAll(() => api.close());

const beat = (name: string, at: Date) =>
  api.orm.em.fork().nativeUpdate(Node, { name }, { lastHeartbeatAt: at, cpuUsage: 0.25, memoryUsedMb: 1_024 });
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

describe('A server whose heartbeat', () => {
  const status = async () =>
    ((await api.admin('GET', '/api/servers')).body.items as { name: string; status: string }[]).find(
      ({ name }) => name === 'pve1',
    )?.status;

  test('comes is online', async () => {
    await beat('pve1', new Date());
    expect(await status()).toBe('online');
  });

  test('is late is offline, though nobody is left to write that down', async () => {
    await beat('pve1', minutesAgo(2));
    expect(await status()).toBe('offline');
  });
});

describe('GET /system/health', () => {
  const health = async () => (await api.admin('GET', '/api/system/health')).body;

  test('adds up the hosts that are there, and shows what waits', async () => {
    await beat('pve1', new Date());
    expect(await health()).toMatchObject({
      status: 'ok',
      totals: { cores: 68, memoryMb: 270_336, memoryUsedMb: 5_120, cpuUsage: (64 * 0.25 + 4 * 0.5) / 68 },
      offline: 0,
      queue: { pending: 0, blocked: 0 },
      database: { connections: expect.any(Number), maxConnections: expect.any(Number), sizeMb: expect.any(Number) },
    });
  });

  test('is down without a hypervisor, degraded without one of two', async () => {
    await beat('pve1', minutesAgo(2));
    expect(await health()).toMatchObject({ status: 'down', offline: 1, totals: { cores: 4 } });
    const em = api.orm.em.fork();
    await em.insert(Node, { id: newId(), name: 'pve2', role: 'hypervisor', ip: '127.64.0.2', status: 'online' });
    await beat('pve2', new Date());
    expect(await health()).toMatchObject({ status: 'degraded', offline: 1 });
  });

  test('is nothing that a tenant knows of', async () => {
    const login = { email: 'tenants.admin@mpanel.test', password: 'tenant admin password' };
    await api.admin('POST', '/api/users', { body: { ...login, name: 'A', roles: ['admin'] } });
    expect((await (await api.signIn(login))('GET', '/api/system/health')).status).toBe(404);
  });
});
