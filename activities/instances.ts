import { Certificate, Instance, InstanceAddon, Node, Subscription } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { all, first, get, set } from '../db/queries/entity.ts';
import { wakeService } from '../db/queries/services.ts';
import type { StepActivities } from '../workflows/contract.ts';
import { deliverItem, endBilling } from './delivery.ts';
import type { Deps } from './deps.ts';
import { guestTools } from './guests.ts';

export function instanceActivities(deps: Deps) {
  const guests = guestTools(deps);

  function changed(tx: ReturnType<Deps['em']>, instance: Instance, action: string): void {
    audit(tx, {
      tenantId: instance.tenantId,
      action,
      resourceType: 'cloudpod',
      resourceId: instance.id,
    });
  }

  return {
    /** Only now, after it was seen running and served its certificate, is it active and paid for. */
    async activateInstance(ref) {
      await deps.em().transactional(async (tx) => {
        const instance = await get(tx, Instance, ref.targetId);
        const moved = await set(tx, Instance, { id: instance.id, status: 'provisioning' }, { status: 'active' });
        await set(tx, Certificate, { targetId: instance.id, status: 'pending' }, { status: 'active' });
        if (moved) changed(tx, instance, 'cloudpod.activated');
        await deliverItem(tx, instance.orderItemId, instance.id);
      });
    },

    async markSuspended(ref) {
      await deps.em().transactional(async (tx) => {
        const instance = await get(tx, Instance, ref.targetId);
        if (!(await set(tx, Instance, { id: instance.id, status: 'suspending' }, { status: 'suspended' }))) return;
        changed(tx, instance, 'cloudpod.suspended');
        // Paid while it was being stopped: its row is ours now, so whoever counts money after this finds it stopped.
        const paid = await first(tx, Subscription, { resourceId: instance.id, status: 'active' });
        if (paid && instance.suspendedFor === 'unpaid') await wakeService(tx, paid, 'unpaid');
      });
    },

    async markActive(ref) {
      await deps.em().transactional(async (tx) => {
        const instance = await get(tx, Instance, ref.targetId);
        const moved = await set(
          tx,
          Instance,
          { id: instance.id, status: 'suspended' },
          { status: 'active', suspendedFor: null },
        );
        if (moved) changed(tx, instance, 'cloudpod.unsuspended');
      });
    },

    /** First of all, the guest's and its add-ons': what cannot be deleted for a while is not paid for. */
    async closeBilling(ref) {
      await deps.em().transactional(async (tx) => {
        const addons = await all(tx, InstanceAddon, { instanceId: ref.targetId });
        await endBilling(tx, [ref.targetId, ...addons.map(({ id }) => id)]);
      });
    },

    async markDeleted(ref) {
      await deps.em().transactional(async (tx) => {
        const instance = await get(tx, Instance, ref.targetId);
        const gone = { status: 'deleted', deletedAt: new Date() } as const;
        if (await set(tx, Instance, { id: instance.id, status: 'deleting' }, gone))
          changed(tx, instance, 'cloudpod.deleted');
        await set(tx, InstanceAddon, { instanceId: instance.id }, { status: 'deleted' });
      });
    },

    /** Every backup, and the jobs that would make more. */
    async deleteBackups(ref) {
      const em = deps.em();
      const instance = await get(em, Instance, ref.targetId);
      for (const addon of await all(em, InstanceAddon, { instanceId: instance.id, kind: 'backup' }))
        await deps.proxmox.deleteBackupJob(backupJobId(addon.id));
      if (!instance.vmid || !instance.node) return;
      const node = await first(em, Node, { name: instance.node });
      if (!node) return;
      for (const backup of await deps.proxmox.backups(instance.node, node.backupStorage, instance.vmid))
        await guests.finish(deps.proxmox.deleteBackup(instance.node, node.backupStorage, backup.volid));
    },
  } satisfies Partial<StepActivities>;
}

/** Proxmox's ids of jobs begin with a letter. */
export const backupJobId = (addonId: string) => `mpanel-${addonId}`;
