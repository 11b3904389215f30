import { processOf } from '../process.ts';
import type { Saga, Step } from '../saga.ts';

/** Billing ends first: what cannot be deleted for a while is not paid for. */
export const deleteSteps: readonly Step[] = [
  { name: 'close billing', do: 'closeBilling' },
  { name: 'withdraw DNS', do: 'withdrawInstance' },
  { name: 'revoke certificate', do: 'revokeCertificate' },
  { name: 'delete backups', do: 'deleteBackups' },
  { name: 'destroy guest', do: 'destroyGuest' },
  { name: 'release capacity', do: 'releaseCapacity' },
  { name: 'mark deleted', do: 'markDeleted' },
];

export const cloudpodDelete: Saga = { type: 'cloudpod_delete', forwardOnly: true, steps: deleteSteps };

export const cloudpod_delete = processOf(cloudpodDelete);
