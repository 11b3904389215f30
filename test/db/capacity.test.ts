import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner } from '../../db/config.ts';
import { Customer, Image, Instance, IpAddress, Node, Tenant, VmidSlot } from '../../db/entities/index.ts';
import { holdCapacity, releaseCapacity } from '../../db/queries/capacity.ts';
import { newId } from '../../runtime/ids.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
const [tenantId, customerId] = [newId(), newId()];
const size = { cores: 2, memoryMb: 2048, diskGb: 40 };
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openAsOwner({ url: database.url, pool: 2 });
  const em = orm.em.fork();
  await em.insert(Tenant, { id: tenantId, name: 'host' });
  await em.insert(Customer, { id: customerId, tenantId, name: 'Ann', email: 'ann@example.com' });
  await em.insert(Image, { id: newId(), name: 'debian-12', kind: 'lxc', title: 'Debian 12', volume: 'v' });
  const node = { name: 'pve1', role: 'hypervisor', ip: '127.0.0.1', status: 'online' } as const;
  await em.insert(Node, { id: newId(), ...node, cores: 200, memoryMb: 200_000, diskGb: 4_000 });
});
afterAll(async () => {
  await orm.close(true);
  await database.drop();
});

async function guest(): Promise<string> {
  const id = newId();
  const names = { name: 'pod', hostname: `${id}.example.com`, template: 'MINI', image: 'debian-12' };
  const owners = { id, tenantId, customerId, productId: newId() };
  await orm.em.fork().insert(Instance, { ...owners, ...names, kind: 'lxc', ...size });
  return id;
}

const hold = (id: string) => orm.em.fork().transactional((em) => holdCapacity(em, id));

test('VMIDs and addresses go round: what has been free the longest is next, and what rests is not handed out', async () => {
  const em = orm.em.fork();
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
  for (const [at, seconds] of [1, 3, 2, -600].entries()) {
    const network = { family: 4, prefixLength: 16, gateway: '127.64.0.1' };
    await em.insert(VmidSlot, { vmid: 100 + at, freeFrom: ago(seconds) });
    await em.insert(IpAddress, { address: `127.64.2.${at}`, ...network, freeFrom: ago(seconds) });
  }
  const [one, two, three, four] = [await guest(), await guest(), await guest(), await guest()];
  expect(await hold(one)).toMatchObject({ vmid: 101, ipv4: '127.64.2.1' });
  expect(await hold(two)).toMatchObject({ vmid: 102, ipv4: '127.64.2.2' });
  await orm.em.fork().transactional((tx) => releaseCapacity(tx, one, 0));
  expect(await hold(three)).toMatchObject({ vmid: 100, ipv4: '127.64.2.0' });
  expect(await hold(four)).toMatchObject({ vmid: 101, ipv4: '127.64.2.1' });
  expect(await hold(await guest())).toBe('no free VMID');
});
