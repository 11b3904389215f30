import { processOf } from '../process.ts';
import type { Saga } from '../saga.ts';
import { certificateSteps, deploySteps } from './certificate.ts';

/** From an order to a guest that is running, reachable by its name and certified. */
export const cloudpodProvision: Saga = {
  type: 'cloudpod_provision',
  steps: [
    { name: 'hold capacity', do: 'holdCapacity', undo: 'releaseCapacity' },
    { name: 'create guest', do: 'ensureGuest', undo: 'destroyGuest' },
    { name: 'configure', do: 'configureGuest' },
    { name: 'start', do: 'startGuest' },
    { name: 'publish DNS', do: 'publishInstance', undo: 'withdrawInstance' },
    ...certificateSteps,
    ...deploySteps,
    { name: 'activate', do: 'activateInstance' },
  ],
};

export const cloudpod_provision = processOf(cloudpodProvision);
