import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner } from '../../db/config.ts';
import { Node } from '../../db/entities/index.ts';
import { createProxmox } from '../../providers/proxmox/client.ts';
import { newId } from '../../runtime/ids.ts';
import { start } from '../../sandbox/proxmox/index.ts';
import { heartbeat } from '../../workers/heartbeat.ts';
import { freshDatabase } from '../support/postgres.ts';
import { startStandIn } from '../support/sandbox.ts';

let proxmox: Awaited<ReturnType<typeof startStandIn>>;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
beforeAll(async () => {
  [proxmox, database] = await Promise.all([startStandIn('proxmox', start), freshDatabase()]);
  orm = await openAsOwner({ url: database.url, pool: 2 });
});
afterAll(async () => {
  await orm.close(true);
  await Promise.all([proxmox.close(), database.drop()]);
});

test('hypervisors are as Proxmox tells them, and the host of the workers makes itself known once', async () => {
  const em = orm.em.fork();
  for (const name of ['pve1', 'gone'])
    em.create(Node, { id: newId(), name, role: 'hypervisor', ip: '127.64.0.1', status: 'online' });
  await em.flush();
  const { PROXMOX_URL: url = '', PROXMOX_TOKEN_ID: tokenId = '', PROXMOX_TOKEN_SECRET: tokenSecret = '' } = proxmox.env;
  const adapter = createProxmox({ url, tokenId, tokenSecret, timeoutMs: 5_000 });

  expect(await heartbeat(orm.em.fork(), adapter)).toMatch(/^(\d) of \1 nodes online$/);
  await heartbeat(orm.em.fork(), adapter);

  const nodes = await orm.em.fork().find(Node, {}, { orderBy: { name: 'asc' } });
  expect(nodes.map(({ name, role, status }) => [name.replace(/^control-.*/, 'control'), role, status])).toEqual([
    ['control', 'control', 'online'],
    ['gone', 'hypervisor', 'offline'],
    ['pve1', 'hypervisor', 'online'],
  ]);
  const [control, gone, pve1] = nodes;
  expect(gone?.lastHeartbeatAt).toBeNull();
  for (const node of [control, pve1]) {
    expect(node?.lastHeartbeatAt?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(node?.cpuUsage).toBeGreaterThanOrEqual(0);
    expect(node?.cpuUsage).toBeLessThanOrEqual(1);
    expect(node?.memoryUsedMb).toBeGreaterThanOrEqual(0);
    expect(node?.uptimeSeconds).toBeGreaterThan(0);
  }
});
