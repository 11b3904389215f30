import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { INSTANCE_STATUS, NODE_STATUS } from '../../core/states.ts';
import { customerId } from './access.ts';
import { createdAt, id, updatedAt } from './base.ts';
import { Subscription } from './ordering.ts';
import { tenantId } from './tenant.ts';

/** A Proxmox host, or another server of the platform. Capacity is what may be sold of it. */
export const Node = defineEntity({
  name: 'Node',
  indexes: [{ properties: ['createdAt', 'id'] }],
  uniques: [{ properties: ['name'] }],
  properties: {
    id: id(),
    /** As Proxmox names it, for a host. */
    name: p.text(),
    role: p.enum(['hypervisor', 'control', 'mail', 'dns'] as const),
    ip: p.text(),
    status: p.enum(NODE_STATUS).default('offline'),
    lastHeartbeatAt: p.datetime(3).nullable(),
    /** As the last heartbeat told it. A share of all cores, 0 to 1. */
    cpuUsage: p.float().nullable(),
    memoryUsedMb: p.integer().nullable(),
    uptimeSeconds: p.integer().nullable(),
    storage: p.text().default('local-lvm'),
    backupStorage: p.text().default('local'),
    bridge: p.text().default('vmbr0'),
    cores: p.integer().default(0),
    memoryMb: p.integer().default(0),
    diskGb: p.integer().default(0),
    createdAt: createdAt(),
  },
});
export type Node = InferEntity<typeof Node>;

/** What guests are made from: a VM template to clone, or a container template's volume. */
export const Image = defineEntity({
  name: 'Image',
  uniques: [{ properties: ['name', 'kind', 'node'] }],
  properties: {
    id: id(),
    /** debian-12 */
    name: p.text(),
    kind: p.enum(['qemu', 'lxc'] as const),
    title: p.text(),
    /** Where a VM template lives, and its id. */
    node: p.text().nullable(),
    vmid: p.integer().nullable(),
    /** store:vztmpl/file of a container template. */
    volume: p.text().nullable(),
    enabled: p.boolean().default(true),
  },
});
export type Image = InferEntity<typeof Image>;

/** A guest on Proxmox. Everything that names it outside is decided before the first call. */
export const Instance = defineEntity({
  name: 'Instance',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    { properties: ['tenantId', 'status', 'createdAt', 'id'] },
    { properties: ['customerId', 'createdAt', 'id', 'tenantId'] },
    { properties: ['subscriptionId'] },
    {
      // What is left of a node is added up while everybody else waits: without a look at the rows themselves.
      name: 'instance_room',
      expression: `create index instance_room on instance (node) include (memory_mb, disk_gb, cores) where status not in ('deleted', 'failed')`,
    },
    {
      name: 'instance_waiting',
      expression: `create index instance_waiting on instance (id) where vmid is null and status = 'pending'`,
    },
  ],
  uniques: [
    {
      name: 'instance_hostname',
      expression: `create unique index instance_hostname on instance (hostname) where status not in ('deleted', 'failed')`,
    },
  ],
  properties: {
    id: id(),
    tenantId: tenantId(),
    customerId: customerId(),
    subscriptionId: p.manyToOne(Subscription).mapToPk().joinColumn('subscription_id').nullable(),
    productId: p.uuid(),
    orderItemId: p.uuid().nullable(),
    name: p.text(),
    status: p.enum(INSTANCE_STATUS).default('pending'),
    kind: p.enum(['qemu', 'lxc'] as const),
    /** The plan's name as the contract shows it: CPOD-MINI. */
    template: p.text(),
    /** Name of the image it is made from: debian-12. */
    image: p.text(),
    /** Absolute name without the final dot. */
    hostname: p.text(),
    cores: p.integer(),
    memoryMb: p.integer(),
    diskGb: p.integer(),
    node: p.text().nullable(),
    vmid: p.integer().nullable(),
    mac: p.text().nullable(),
    ipv4: p.text().nullable(),
    ipv6: p.text().nullable(),
    sshKeys: p.json<string[]>().defaultRaw(`'[]'`),
    /** Secret with root's password. */
    passwordSecretId: p.uuid().nullable(),
    /** The task that makes it, written as soon as Proxmox has answered. */
    task: p.json<{ upid: string }>().nullable(),
    /** Who stopped it: an unpaid invoice is lifted by paying, an operator's order is not. */
    suspendedFor: p.text().nullable(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    deletedAt: p.datetime(3).nullable(),
  },
});
export type Instance = InferEntity<typeof Instance>;

/** A VMID of our own range. `quarantined` ones come back after a while: Proxmox reuses ids, backups and logs do not forget. */
export const VmidSlot = defineEntity({
  name: 'VmidSlot',
  indexes: [
    {
      name: 'vmid_slot_free',
      expression: `create index vmid_slot_free on vmid_slot (free_from, vmid) where instance_id is null and not "foreign"`,
    },
  ],
  properties: {
    vmid: p.integer().primary(),
    instanceId: p.uuid().nullable().unique(),
    /** Not to be handed out before. */
    freeFrom: p.datetime(3).defaultRaw('now()'),
    /** A guest that is not ours sits on it. */
    foreign: p.boolean().default(false),
  },
});
export type VmidSlot = InferEntity<typeof VmidSlot>;

/** An address of a pool. One owner at a time, held from the order on; quarantined for a while after release. */
export const IpAddress = defineEntity({
  name: 'IpAddress',
  indexes: [
    {
      name: 'ip_address_free',
      expression: `create index ip_address_free on ip_address (family, free_from, address) where instance_id is null`,
    },
    { properties: ['instanceId'] },
    { properties: ['orderItemId'] },
  ],
  properties: {
    address: p.text().primary().columnType('inet'),
    family: p.smallint(),
    prefixLength: p.smallint(),
    gateway: p.text(),
    instanceId: p.uuid().nullable(),
    /** The order item that bought it, for an extra address; null for the guest's first one. */
    orderItemId: p.uuid().nullable(),
    freeFrom: p.datetime(3).defaultRaw('now()'),
  },
});
export type IpAddress = InferEntity<typeof IpAddress>;

/** A sold backup plan or other extra of an instance. */
export const InstanceAddon = defineEntity({
  name: 'InstanceAddon',
  indexes: [{ properties: ['instanceId'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    instanceId: p.manyToOne(Instance).mapToPk().joinColumn('instance_id').index(false),
    orderItemId: p.uuid().nullable(),
    kind: p.enum(['ip', 'disk', 'backup'] as const),
    /** disk: {gb} · backup: {schedule, keep} · ip: {address} */
    data: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    status: p.enum(['pending', 'active', 'deleted'] as const).default('pending'),
    createdAt: createdAt(),
  },
});
export type InstanceAddon = InferEntity<typeof InstanceAddon>;

/** Guests that want to be made from one template, or on one storage, in the order in which they came. The first few of them are being made. */
export const CloneLine = defineEntity({
  name: 'CloneLine',
  properties: {
    /** "template NODE/VMID" or "storage [NODE/]STORAGE". */
    name: p.text().primary(),
    line: p.json<{ id: string; until: string }[]>().defaultRaw(`'[]'`),
  },
});
export type CloneLine = InferEntity<typeof CloneLine>;
