import type { ReconcileActivities, StepActivities } from '../../workflows/contract.ts';
import type { Deps } from '../deps.ts';
import { guestComparer } from './guests.ts';
import { type Comparers, look } from './look.ts';
import { settleDrift } from './settle.ts';

type Steps = Pick<StepActivities, 'startGuest' | 'stopGuest'>;

/** @param steps what mends: the activities of the usual jobs */
export function reconcileActivities(deps: Deps, steps: Steps) {
  const comparers: Comparers = { proxmox: guestComparer(deps, steps) };
  return {
    lookForDrift: (system) => look(deps, comparers[system]),
    settleDrift: (ref) => settleDrift(deps, comparers, ref),
  } satisfies ReconcileActivities & Partial<StepActivities>;
}
