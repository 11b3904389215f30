import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner } from '../../db/config.ts';
import { Customer, Instance, IpAddress, Job, Node, Tenant, VmidSlot } from '../../db/entities/index.ts';
import { inTurn } from '../../db/queries/instances.ts';
import { newId } from '../../runtime/ids.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
const [tenantId, customerId] = [newId(), newId()];
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openAsOwner({ url: database.url, pool: 4 });
  const em = orm.em.fork();
  await em.insert(Tenant, { id: tenantId, name: 'host' });
  await em.insert(Customer, { id: customerId, tenantId, name: 'Ann', email: 'ann@example.com' });
});
afterAll(async () => {
  await orm.close(true);
  await database.drop();
});

/** A guest that waits for capacity; earlier made is earlier in turn. */
async function waiting(): Promise<string> {
  const em = orm.em.fork();
  const [id, jobId] = [newId(), newId()];
  await em.insert(Instance, {
    ...{
      id,
      tenantId,
      customerId,
      productId: newId(),
      name: 'pod',
      kind: 'qemu',
      template: 'MINI',
      image: 'debian-12',
    },
    ...{ hostname: `${id}.example.com`, cores: 2, memoryMb: 2048, diskGb: 40 },
  });
  const job = { id: jobId, tenantId, customerId, type: 'cloudpod_provision', targetId: id };
  await em.insert(Job, { ...job, status: 'running', workflowId: `cloudpod_provision/${tenantId}/${jobId}` });
  return id;
}

async function room(name: string, guests: number): Promise<void> {
  const size = { cores: 2 * guests, memoryMb: 2048 * guests, diskGb: 40 * guests };
  const em = orm.em.fork();
  await em.insert(Node, { id: newId(), name, role: 'hypervisor', ip: '127.0.0.1', status: 'online', ...size });
}

async function slot(at: number): Promise<void> {
  const em = orm.em.fork();
  await em.insert(VmidSlot, { vmid: 100 + at });
  await em.insert(IpAddress, { address: `127.64.2.${at}`, family: 4, prefixLength: 16, gateway: '127.64.0.1' });
}

const turns = async (ids: string[]) => {
  const answers: boolean[] = [];
  for (const id of ids) answers.push(await inTurn(orm.em.fork(), id));
  return answers;
};

test('guests wait for those before them only as far as there is not enough for all', async () => {
  const ids = [await waiting(), await waiting(), await waiting()];
  await room('pve1', 2);
  await slot(1);
  expect(await turns(ids)).toEqual([true, false, false]);
  await slot(2);
  expect(await turns(ids)).toEqual([true, true, false]);
  await slot(3);
  expect(await turns(ids)).toEqual([true, true, false]);
  await room('pve2', 1);
  expect(await turns(ids)).toEqual([true, true, true]);
});
