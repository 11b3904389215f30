import { deleteCloudPod, suspendCloudPod, unsuspendCloudPod } from '../../../../api/usecases/cloudpods/act.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from './index.ts';

const provisioned = async (scene: Scene): Promise<string> => scene.done(await scene.buy('CPOD-MINI', { name: 'law' }));

const suspended = async (scene: Scene, id: string): Promise<void> => {
  const { job } = await suspendCloudPod(scene.ctx('cloudpods.suspend'), id);
  await scene.done({ job: scene.input(job) });
};

export const pods: readonly Stage[] = [
  {
    saga: 'cloudpod_provision',
    about: 'a virtual machine',
    arrange: async (scene) => () => scene.buy('CPOD-MINI', { name: 'law' }),
  },
];

export const containers: readonly Stage[] = [
  {
    saga: 'cloudpod_provision',
    about: 'a container',
    arrange: async (scene) => () => scene.buy('CPOD-CT', { name: 'law' }),
  },
];

export const instances: readonly Stage[] = [
  {
    saga: 'cloudpod_suspend',
    async arrange(scene) {
      const id = await provisioned(scene);
      return async () => {
        const { job } = await suspendCloudPod(scene.ctx('cloudpods.suspend'), id);
        return { job: scene.input(job) };
      };
    },
  },
  {
    saga: 'cloudpod_unsuspend',
    async arrange(scene) {
      const id = await provisioned(scene);
      await suspended(scene, id);
      return async () => {
        const { job } = await unsuspendCloudPod(scene.ctx('cloudpods.suspend'), id);
        return { job: scene.input(job) };
      };
    },
  },
  {
    saga: 'cloudpod_delete',
    about: 'with a backup plan',
    async arrange(scene) {
      const id = await provisioned(scene);
      await scene.done(await scene.buy('BACKUP-DAILY', { instanceId: id }));
      return async () => ({ job: scene.input(await deleteCloudPod(scene.ctx('cloudpods.delete'), id)) });
    },
  },
];

export const addons: readonly Stage[] = [
  {
    saga: 'addon_ip',
    async arrange(scene) {
      const instanceId = await provisioned(scene);
      return () => scene.buy('ADDON-IP', { instanceId });
    },
  },
  {
    saga: 'addon_disk',
    // A disk never shrinks.
    keeps: /^. proxmox guest 20000: .* scsi0=local-lvm:vm-20000-disk-0,size=(40|60)G /,
    async arrange(scene) {
      const instanceId = await provisioned(scene);
      return () => scene.buy('ADDON-DISK-20', { instanceId });
    },
  },
  {
    saga: 'addon_backup',
    async arrange(scene) {
      const instanceId = await provisioned(scene);
      return () => scene.buy('BACKUP-DAILY', { instanceId });
    },
  },
  ...['ADDON-IP', 'BACKUP-DAILY', 'ADDON-DISK-20'].map(
    (sku): Stage => ({
      saga: 'addon_remove',
      about: sku,
      async arrange(scene) {
        const addon = await scene.buy(sku, { instanceId: await provisioned(scene) });
        await scene.done(addon);
        return () => scene.cancelled(addon);
      },
    }),
  ),
];
