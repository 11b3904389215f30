import { Refused } from '../core/errors.ts';
import { Instance, InstanceAddon, Node } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { claimAddress, extraAddress, releaseExtraAddress } from '../db/queries/capacity.ts';
import { first, get, set } from '../db/queries/entity.ts';
import { wakeWaiting } from '../db/queries/waiting.ts';
import type { BackupView, GuestView } from '../providers/proxmox/port.ts';
import type { StepActivities } from '../workflows/contract.ts';
import { waitForCapacity } from './capacity.ts';
import { deliverItem } from './delivery.ts';
import type { Deps } from './deps.ts';
import { guestSpec } from './guest-spec.ts';
import { guestTools, unclear } from './guests.ts';
import { backupJobId } from './instances.ts';

export function addonActivities(deps: Deps) {
  const guests = guestTools(deps);

  interface Placed {
    addon: InstanceAddon;
    instance: Instance;
    node: Node;
  }

  /** An add-on with its CloudPod, where that is still there. */
  async function find(id: string): Promise<Placed | undefined> {
    const em = deps.em();
    const addon = await get(em, InstanceAddon, id);
    const instance = await get(em, Instance, addon.instanceId);
    const node = await first(em, Node, { name: instance.node ?? '' });
    const gone = !node || ['deleting', 'deleted', 'failed'].includes(instance.status);
    return gone ? undefined : { addon, instance, node };
  }

  async function read(id: string): Promise<Placed> {
    const placed = await find(id);
    if (!placed) throw new Refused('its CloudPod is not there any more');
    return placed;
  }

  /** Those of the plan: others of the guest are not ours. */
  async function backupsOf(
    { node, vmid }: GuestView,
    { addon, node: { backupStorage } }: Placed,
  ): Promise<BackupView[]> {
    const all = await deps.proxmox.backups(node, backupStorage, vmid);
    return all.filter(({ notes }) => notes === noteOf(addon.id));
  }

  async function isKind(id: string, kind: InstanceAddon['kind']): Promise<boolean> {
    return (await get(deps.em(), InstanceAddon, id)).kind === kind;
  }

  return {
    async claimAddon(ref) {
      await read(ref.targetId);
    },
    async failAddon(ref) {
      await set(deps.em(), InstanceAddon, { id: ref.targetId }, { status: 'deleted' });
    },
    async activateAddon(ref) {
      await deps.em().transactional(async (tx) => {
        const addon = await get(tx, InstanceAddon, ref.targetId);
        await set(tx, InstanceAddon, { id: addon.id, status: 'pending' }, { status: 'active' });
        await deliverItem(tx, addon.orderItemId, addon.id);
      });
    },

    async markAddonDeleted(ref) {
      await deps.em().transactional(async (tx) => {
        const addon = await get(tx, InstanceAddon, ref.targetId);
        const moved = await set(tx, InstanceAddon, { id: addon.id, status: 'active' }, { status: 'deleted' });
        if (moved)
          audit(tx, {
            tenantId: addon.tenantId,
            action: 'addon.deleted',
            resourceType: 'addon',
            resourceId: addon.id,
          });
      });
    },

    async holdExtraAddress(ref) {
      const { addon, instance } = await read(ref.targetId);
      const held = await deps.em().transactional(async (tx) => {
        const there = await extraAddress(tx, addon.id);
        const address =
          there ?? (await claimAddress(tx, { instanceId: instance.id, family: 4, orderItemId: addon.id }));
        if (address) await set(tx, InstanceAddon, { id: addon.id }, { data: { address } });
        return address;
      });
      if (!held) await waitForCapacity(deps, ref, 'no free address');
    },
    async unrouteAddress(ref) {
      const placed = await find(ref.targetId);
      if (placed?.addon.kind !== 'ip') return 'skipped';
      const { addon, instance } = placed;
      const guest = await guests.read(instance);
      const { network } = await guestSpec(deps, instance);
      const extraAddresses = (network.extraAddresses ?? []).filter((address) => address !== addon.data.address);
      if (guest) await deps.proxmox.applyNetwork(guest, { ...network, extraAddresses });
    },
    async releaseExtraAddress(ref) {
      if (!(await isKind(ref.targetId, 'ip'))) return 'skipped';
      await deps.em().transactional(async (tx) => {
        await releaseExtraAddress(tx, ref.targetId, deps.config.QUARANTINE_SECONDS);
        await wakeWaiting(tx, ref.jobId);
      });
    },

    async ensureBackupJob(ref) {
      const { addon, instance, node } = await read(ref.targetId);
      const { schedule, keep } = addon.data as { schedule: string; keep: number };
      await deps.proxmox.ensureBackupJob(backupJobId(addon.id), {
        vmid: instance.vmid ?? 0,
        storage: node.backupStorage,
        schedule,
        keep,
        mark: instance.id,
        notes: noteOf(addon.id),
      });
    },
    async deleteBackupJob(ref) {
      if (!(await isKind(ref.targetId, 'backup'))) return 'skipped';
      await deps.proxmox.deleteBackupJob(backupJobId(ref.targetId));
    },

    /** The plan's first backup: made once, found by its note afterwards. */
    async firstBackup(ref) {
      const placed = await read(ref.targetId);
      const { addon, instance, node } = placed;
      const guest = await guests.need(instance);
      const made = async () => (await backupsOf(guest, placed)).length > 0;
      if (await made()) return;
      const last = await deps.proxmox.findTask(guest, 'vzdump', addon.createdAt);
      const running = last && (await deps.proxmox.taskStatus(last)).state === 'running';
      await guests.finish(
        running ? Promise.resolve(last) : deps.proxmox.backup(guest, node.backupStorage, noteOf(addon.id)),
      );
      if (!(await made())) throw unclear('backup', `guest ${guest.vmid} has no backup though its making ended`);
    },
    async deleteAddonBackups(ref) {
      const placed = await find(ref.targetId);
      if (placed?.addon.kind !== 'backup') return 'skipped';
      const guest = await guests.read(placed.instance);
      if (!guest) return;
      const going = await backupsOf(guest, placed);
      for (const { volid } of going)
        await guests.finish(deps.proxmox.deleteBackup(guest.node, placed.node.backupStorage, volid));
      if (going.length > 0 && (await backupsOf(guest, placed)).length > 0)
        throw unclear('deleteBackup', `guest ${guest.vmid} has backups of the plan though their removal ended`);
    },
  } satisfies Partial<StepActivities>;
}

/** On every backup of a plan: what is on a backup is ours whatever the clock of its node says. */
const noteOf = (addonId: string) => `mpanel:${addonId}`;
