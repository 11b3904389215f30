import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner } from '../../db/config.ts';
import { Customer, Image, Instance, IpAddress, Node, Tenant, VmidSlot } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { freshDatabase } from './postgres.ts';

/** What a guest takes. */
export const SIZE = { cores: 2, memoryMb: 2048, diskGb: 40 };

export type Guests = Awaited<ReturnType<typeof openGuests>>;

/** A database with a customer whose guests want room, and as much of it as a test makes. */
export async function openGuests() {
  const database = await freshDatabase();
  const orm: MikroORM = await openAsOwner({ url: database.url, pool: 4 });
  const em = () => orm.em.fork();
  const [tenantId, customerId] = [newId(), newId()];
  await em().insert(Tenant, { id: tenantId, name: 'host' });
  await em().insert(Customer, { id: customerId, tenantId, name: 'Ann', email: 'ann@example.com' });
  await em().insert(Image, { id: newId(), name: 'debian-12', kind: 'lxc', title: 'Debian 12', volume: 'v' });

  return {
    ...{ tenantId, customerId, em },

    async guest(kind: 'lxc' | 'qemu' = 'lxc'): Promise<string> {
      const id = newId();
      const names = { name: 'pod', hostname: `${id}.example.com`, template: 'MINI', image: 'debian-12' };
      await em().insert(Instance, { id, tenantId, customerId, productId: newId(), ...names, kind, ...SIZE });
      return id;
    },

    /** A node with room for so many guests. */
    async node(name: string, guests: number, status: 'online' | 'offline' = 'online'): Promise<void> {
      const { cores, memoryMb, diskGb } = SIZE;
      const room = { cores: cores * guests, memoryMb: memoryMb * guests, diskGb: diskGb * guests };
      await em().insert(Node, { id: newId(), name, role: 'hypervisor', ip: '127.0.0.1', status, ...room });
    },

    /** A VMID and an address. */
    async slot(at: number, freeFrom?: Date): Promise<void> {
      const since = freeFrom ? { freeFrom } : {};
      const network = { family: 4, prefixLength: 16, gateway: '127.64.0.1' };
      await em().insert(VmidSlot, { vmid: 100 + at, ...since });
      await em().insert(IpAddress, { address: `127.64.2.${at}`, ...network, ...since });
    },

    async close(): Promise<void> {
      await orm.close(true);
      await database.drop();
    },
  };
}
