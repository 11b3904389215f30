import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner } from '../../db/config.ts';
import { Customer, Image, Instance, Node, Tenant } from '../../db/entities/index.ts';
import { holdCapacity } from '../../db/queries/capacity.ts';
import { newId } from '../../runtime/ids.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
const [tenantId, customerId, instanceId] = [newId(), newId(), newId()];
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openAsOwner({ url: database.url, pool: 2 });
  const em = orm.em.fork();
  await em.insert(Tenant, { id: tenantId, name: 'host' });
  await em.insert(Customer, { id: customerId, tenantId, name: 'Ann', email: 'ann@example.com' });
  const size = { cores: 2, memoryMb: 2048, diskGb: 40 };
  const names = { name: 'pod', hostname: 'pod.example.com', template: 'MINI', image: 'debian-12' };
  const owners = { id: instanceId, tenantId, customerId, productId: newId() };
  await em.insert(Instance, { ...owners, ...names, kind: 'lxc', ...size });
  await em.insert(Image, { id: newId(), name: 'debian-12', kind: 'lxc', title: 'Debian 12', volume: 'v' });
  const node = { name: 'pve1', role: 'hypervisor', ip: '127.0.0.1', status: 'offline' } as const;
  await em.insert(Node, { id: newId(), ...node, ...size, cores: 1 });
});
afterAll(async () => {
  await orm.close(true);
  await database.drop();
});

const held = () => orm.em.fork().transactional((em) => holdCapacity(em, instanceId));

test('an operator is told whether nodes are full or away', async () => {
  expect(await held()).toBe('no node is online');
  await orm.em.fork().nativeUpdate(Node, { name: 'pve1' }, { status: 'online' });
  expect(await held()).toBe('no node with enough room');
});
