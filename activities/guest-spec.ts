import { Refused } from '../core/errors.ts';
import { type Instance, InstanceAddon, Node } from '../db/entities/index.ts';
import { addressesOf, type PoolAddress } from '../db/queries/capacity.ts';
import { all, first } from '../db/queries/entity.ts';
import { openSecret } from '../db/queries/secrets.ts';
import type { GuestNetwork, GuestRef, GuestSpec } from '../providers/proxmox/port.ts';
import type { Deps } from './deps.ts';

/** Where a guest with held capacity is expected. */
export function guestRef(instance: Instance): GuestRef {
  if (!instance.node || !instance.vmid) throw new Refused('no capacity is held for this guest any more');
  return { node: instance.node, vmid: instance.vmid, kind: instance.kind };
}

/** All that names and sizes a guest outside: from rows alone, so that every attempt asks for the same. */
export async function guestSpec(deps: Deps, instance: Instance): Promise<GuestSpec> {
  const em = deps.em();
  const { node, vmid } = guestRef(instance);
  const host = await first(em, Node, { name: node });
  if (!host || !instance.passwordSecretId) throw new Refused(`node ${node} is not known any more`);
  return {
    vmid,
    node,
    hostname: instance.hostname,
    mark: instance.id,
    ...(deps.config.PROXMOX_POOL ? { pool: deps.config.PROXMOX_POOL } : {}),
    cores: instance.cores,
    memoryMb: instance.memoryMb,
    diskGb: instance.diskGb,
    storage: host.storage,
    network: network(instance, host.bridge, await addressesOf(em, instance.id)),
    nameservers: deps.config.GUEST_NAMESERVERS,
    sshKeys: instance.sshKeys,
    rootPassword: await openSecret(em, deps.seal, instance.passwordSecretId),
  };
}

function network(instance: Instance, bridge: string, addresses: PoolAddress[]): GuestNetwork {
  const own = (family: 4 | 6) => addresses.find((row) => row.family === family && row.orderItemId === null);
  const nic = (row: PoolAddress) => ({ cidr: `${row.address}/${row.prefixLength}`, gateway: row.gateway });
  const [v4, v6] = [own(4), own(6)];
  const extra = addresses.filter((row) => row.orderItemId !== null).map((row) => row.address);
  return {
    bridge,
    mac: instance.mac ?? '',
    ...(v4 ? { ipv4: nic(v4) } : {}),
    ...(v6 ? { ipv6: nic(v6) } : {}),
    ...(extra.length ? { extraAddresses: extra } : {}),
  };
}

/** GiB a guest's disk has once all its bought disks (and the one that is being bought) are on it. */
export async function diskTarget(deps: Deps, instance: Instance, buying?: string): Promise<number> {
  const addons = await all(deps.em(), InstanceAddon, { instanceId: instance.id, kind: 'disk' });
  const counted = addons.filter((addon) => addon.status === 'active' || addon.id === buying);
  return counted.reduce((sum, addon) => sum + Number(addon.data.gb), instance.diskGb);
}
