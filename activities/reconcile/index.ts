import { asPlatform } from '../../db/tenant-scope.ts';
import type { AskActivities, ReconcileActivities, StepActivities } from '../../workflows/contract.ts';
import type { Deps } from '../deps.ts';
import { certificateComparer } from './certificates.ts';
import { domainComparer } from './domains.ts';
import { guestComparer } from './guests.ts';
import { type Comparers, look } from './look.ts';
import { moneyComparer } from './money.ts';
import { runComparer } from './runs.ts';
import { settleDrift } from './settle.ts';
import { zoneComparer } from './zones.ts';

type Steps = Pick<StepActivities & AskActivities, 'startGuest' | 'stopGuest' | 'applyZone' | 'settlePayments'>;

const ESTATE = 'what is outside is compared with the rows of all tenants';

/** @param steps what mends: the activities of the usual jobs */
export function reconcileActivities(deps: Deps, steps: Steps) {
  const comparers: Comparers = {
    proxmox: guestComparer(deps, steps),
    powerdns: zoneComparer(deps, steps),
    registrar: domainComparer(deps),
    acme: certificateComparer(deps),
    stripe: moneyComparer(deps, steps),
    temporal: runComparer(deps),
  };
  return {
    lookForDrift: (system) => asPlatform(ESTATE, () => look(deps, comparers[system])),
    settleDrift: (ref) => asPlatform(ESTATE, () => settleDrift(deps, comparers, ref)),
  } satisfies ReconcileActivities & Partial<StepActivities>;
}
