import { processOf } from '../process.ts';
import type { Saga } from '../saga.ts';

/** Stopped and kept from starting with its node. */
export const cloudpodSuspend: Saga = {
  type: 'cloudpod_suspend',
  forwardOnly: true,
  steps: [
    { name: 'stop', do: 'stopGuest' },
    { name: 'mark suspended', do: 'markSuspended' },
  ],
};

export const cloudpodUnsuspend: Saga = {
  type: 'cloudpod_unsuspend',
  forwardOnly: true,
  steps: [
    { name: 'start', do: 'startGuest' },
    { name: 'mark active', do: 'markActive' },
  ],
};

export const cloudpod_suspend = processOf(cloudpodSuspend);
export const cloudpod_unsuspend = processOf(cloudpodUnsuspend);
