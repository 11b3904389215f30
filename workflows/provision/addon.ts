import { processOf } from '../process.ts';
import type { Saga } from '../saga.ts';

export const addonIp: Saga = {
  type: 'addon_ip',
  steps: [
    { name: 'claim', do: 'claimAddon', undo: 'failAddon' },
    { name: 'hold address', do: 'holdExtraAddress', undo: 'releaseExtraAddress' },
    { name: 'route address', do: 'applyAddresses', undo: 'unrouteAddress' },
    { name: 'activate', do: 'activateAddon' },
  ],
};

/** A disk never shrinks: growing it comes last, when nothing after it can fail. */
export const addonDisk: Saga = {
  type: 'addon_disk',
  steps: [
    { name: 'claim', do: 'claimAddon', undo: 'failAddon' },
    { name: 'grow disk', do: 'growDisk' },
    { name: 'activate', do: 'activateAddon' },
  ],
};

export const addonBackup: Saga = {
  type: 'addon_backup',
  steps: [
    { name: 'claim', do: 'claimAddon', undo: 'failAddon' },
    { name: 'schedule backups', do: 'ensureBackupJob', undo: 'deleteBackupJob' },
    { name: 'first backup', do: 'firstBackup', undo: 'deleteAddonBackups' },
    { name: 'activate', do: 'activateAddon' },
  ],
};

/** Steps that are not of its kind are skipped. A disk that has grown stays. */
export const addonRemove: Saga = {
  type: 'addon_remove',
  forwardOnly: true,
  steps: [
    { name: 'stop backups', do: 'deleteBackupJob' },
    { name: 'delete backups', do: 'deleteAddonBackups' },
    { name: 'unroute address', do: 'unrouteAddress' },
    { name: 'release address', do: 'releaseExtraAddress' },
    { name: 'mark deleted', do: 'markAddonDeleted' },
  ],
};

export const addon_ip = processOf(addonIp);
export const addon_disk = processOf(addonDisk);
export const addon_backup = processOf(addonBackup);
export const addon_remove = processOf(addonRemove);
