import type { EntityManager } from '@mikro-orm/postgresql';
import { asPlatform } from '../tenant-scope.ts';

/** What of a guest's capacity is short, in words; null when all of it is held. */
export type Shortage = 'no free VMID' | 'no free address' | 'no node is online' | 'no node with enough room';

const CAPACITY_LOCK = 0x6d70_0001;

interface Held {
  vmid: number;
  ipv4: string;
  ipv6: string | null;
  node: string;
}

/**
 * Holds a VMID, an IPv4 address (an IPv6 one where the pool has any) and room on a node for a guest, or nothing at all.
 * Idempotent; call it in a transaction. Claims skip rows that others are claiming, so two orders never wait for each other;
 * what has been free the longest is taken first.
 */
export async function holdCapacity(em: EntityManager, instanceId: string): Promise<Held | Shortage> {
  const held = await readHeld(em, instanceId);
  if (held) return held;
  // Room on nodes is a sum over rows: only one hold at a time may look at it and take of it.
  await sql(em, 'select pg_advisory_xact_lock(?)', [CAPACITY_LOCK]);
  const node = await pickNode(em, instanceId);
  if (!node) return (await anyNode(em)) ? 'no node with enough room' : 'no node is online';
  const vmid = await claimVmid(em, instanceId);
  if (vmid === undefined) return 'no free VMID';
  const ipv4 = await claimAddress(em, { instanceId, family: 4 });
  if (!ipv4) {
    await sql(em, 'update vmid_slot set instance_id = null where instance_id = ?', [instanceId]);
    return 'no free address';
  }
  const ipv6 = await claimAddress(em, { instanceId, family: 6 });
  await sql(em, 'update instance set vmid = ?, ipv4 = ?, ipv6 = ?, node = ?, updated_at = now() where id = ?', [
    vmid, ipv4, ipv6 ?? null, node, instanceId,
  ]); // biome-ignore format: a row
  return { vmid, ipv4, ipv6: ipv6 ?? null, node };
}

/** Gives a guest's capacity back; nothing of it is handed out again before the quarantine has passed. Idempotent. */
export async function releaseCapacity(em: EntityManager, instanceId: string, quarantineSeconds: number): Promise<void> {
  const release = `set instance_id = null, free_from = now() + make_interval(secs => ?)`;
  await sql(em, `update vmid_slot ${release} where instance_id = ?`, [quarantineSeconds, instanceId]);
  await sql(em, `update ip_address ${release}, order_item_id = null where instance_id = ?`, [
    quarantineSeconds,
    instanceId,
  ]);
  await sql(
    em,
    'update instance set vmid = null, ipv4 = null, ipv6 = null, node = null, updated_at = now() where id = ?',
    [instanceId],
  );
}

/** A foreign guest sits on the held VMID: leaves it to them for good and takes the next one. */
export async function replaceVmid(em: EntityManager, instanceId: string): Promise<number | undefined> {
  await sql(em, 'update vmid_slot set instance_id = null, "foreign" = true where instance_id = ?', [instanceId]);
  const vmid = await claimVmid(em, instanceId);
  await sql(em, 'update instance set vmid = ?, task = null, updated_at = now() where id = ?', [
    vmid ?? null,
    instanceId,
  ]);
  return vmid;
}

/** One address for a guest, or undefined when the pool has none. `orderItemId` marks an extra one that was bought. */
export async function claimAddress(
  em: EntityManager,
  claim: { instanceId: string; family: 4 | 6; orderItemId?: string },
): Promise<string | undefined> {
  const [row] = await sql<{ address: string }>(
    em,
    `update ip_address set instance_id = ?, order_item_id = ? where address = (
       select address from ip_address where instance_id is null and family = ? and free_from <= now()
       order by free_from, address limit 1 for update skip locked)
     returning host(address) as address`,
    [claim.instanceId, claim.orderItemId ?? null, claim.family],
  );
  return row?.address;
}

export async function releaseExtraAddress(
  em: EntityManager,
  orderItemId: string,
  quarantineSeconds: number,
): Promise<void> {
  await sql(
    em,
    `update ip_address set instance_id = null, order_item_id = null, free_from = now() + make_interval(secs => ?) where order_item_id = ?`,
    [quarantineSeconds, orderItemId],
  );
}

/** The address an add-on bought, held before; undefined when none is. */
export async function extraAddress(em: EntityManager, orderItemId: string): Promise<string | undefined> {
  const [row] = await sql<{ address: string }>(
    em,
    'select host(address) as address from ip_address where order_item_id = ?',
    [orderItemId],
  );
  return row?.address;
}

export interface PoolAddress {
  address: string;
  family: 4 | 6;
  prefixLength: number;
  gateway: string;
  orderItemId: string | null;
}

/** All addresses of a guest, its first ones before the bought ones. */
export function addressesOf(em: EntityManager, instanceId: string): Promise<PoolAddress[]> {
  return sql<PoolAddress>(
    em,
    `select host(address) as address, family, prefix_length as "prefixLength", gateway, order_item_id as "orderItemId"
     from ip_address where instance_id = ? order by order_item_id nulls first, family, address`,
    [instanceId],
  );
}

/** An address of our pools, and whose it is now. */
export interface PoolHolder {
  address: string;
  instanceId: string | null;
  tenantId: string | null;
}

/** Those of these addresses that are of our pools. */
export function poolHolders(em: EntityManager, addresses: string[]): Promise<PoolHolder[]> {
  return sql<PoolHolder>(
    em,
    `select host(a.address) as address, a.instance_id as "instanceId", i.tenant_id as "tenantId"
     from ip_address a left join instance i on i.id = a.instance_id where a.address = any(?::inet[])`,
    [`{${addresses.join(',')}}`],
  );
}

async function readHeld(em: EntityManager, instanceId: string): Promise<Held | undefined> {
  const [row] = await sql<Held>(
    em,
    'select vmid, ipv4, ipv6, node from instance where id = ? and vmid is not null and ipv4 is not null and node is not null',
    [instanceId],
  );
  return row;
}

async function claimVmid(em: EntityManager, instanceId: string): Promise<number | undefined> {
  const [row] = await sql<{ vmid: number }>(
    em,
    `update vmid_slot set instance_id = ? where vmid = (
       select vmid from vmid_slot where instance_id is null and not "foreign" and free_from <= now()
       order by free_from, vmid limit 1 for update skip locked)
     returning vmid`,
    [instanceId],
  );
  return row?.vmid;
}

/**
 * The online hypervisor with the most memory left that has room for the guest and its image at hand. Guests count from the
 * moment they are held. A template lies on one node; a container's volume on every one.
 */
async function pickNode(em: EntityManager, instanceId: string): Promise<string | undefined> {
  const [row] = await sql<{ name: string }>(
    em,
    `select n.name from instance mine, node n
     left join lateral (
       select coalesce(sum(memory_mb), 0) as memory_mb, coalesce(sum(disk_gb), 0) as disk_gb, coalesce(sum(cores), 0) as cores
       from instance i where i.node = n.name and i.status not in ('deleted', 'failed')) used on true
     where mine.id = ? and n.role = 'hypervisor' and n.status = 'online'
       and n.memory_mb - used.memory_mb >= mine.memory_mb and n.disk_gb - used.disk_gb >= mine.disk_gb
       and n.cores - used.cores >= mine.cores
       and exists (select from image where image.name = mine.image and image.kind = mine.kind and image.enabled
         and coalesce(image.node, n.name) = n.name)
     order by n.memory_mb - used.memory_mb desc, n.name limit 1`,
    [instanceId],
  );
  return row?.name;
}

async function anyNode(em: EntityManager): Promise<boolean> {
  const online = await sql(em, `select from node where role = 'hypervisor' and status = 'online' limit 1`, []);
  return online.length > 0;
}

/** Pools are the platform's, and the room of a node is what the guests of all tenants leave of it. */
function sql<T>(em: EntityManager, text: string, params: unknown[]): Promise<T[]> {
  return asPlatform('capacity is shared by all tenants', () =>
    em.getConnection().execute<T[]>(text, params, 'all', em.getTransactionContext()),
  );
}
