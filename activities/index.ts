import type { Activities } from '../workflows/contract.ts';
import { addonActivities } from './addons.ts';
import { capacityActivities } from './capacity.ts';
import { certificateActivities } from './certificates.ts';
import { deployActivities } from './deploy.ts';
import type { Deps } from './deps.ts';
import { dnsActivities } from './dns.ts';
import { domainRenewalActivities } from './domain-renewals.ts';
import { domainActivities } from './domains.ts';
import { emailActivities } from './email.ts';
import { expiryActivities } from './expiry.ts';
import { guardianActivities } from './guardian/index.ts';
import { guestActivities } from './guests.ts';
import { instanceActivities } from './instances.ts';
import { jobActivities } from './jobs.ts';
import { orderActivities } from './orders.ts';
import { paymentActivities } from './payments.ts';
import { reconcileActivities } from './reconcile/index.ts';
import { renewalActivities } from './renewals.ts';
import { inTenantOf } from './scope.ts';
import { subscriptionActivities } from './subscriptions.ts';
import { sweepActivities } from './sweeps.ts';
import { vatActivities } from './vat.ts';

/** Everything that workflows may have done, by name; each with the rows of its tenant alone. */
export function createActivities(deps: Deps): Activities {
  const steps = {
    ...addonActivities(deps),
    ...capacityActivities(deps),
    ...certificateActivities(deps),
    ...deployActivities(deps),
    ...dnsActivities(deps),
    ...domainActivities(deps),
    ...emailActivities(deps),
    ...expiryActivities(deps),
    ...guardianActivities(deps),
    ...guestActivities(deps),
    ...instanceActivities(deps),
    ...jobActivities(deps),
    ...orderActivities(deps),
    ...paymentActivities(deps),
    ...domainRenewalActivities(deps),
    ...renewalActivities(deps),
    ...subscriptionActivities(deps),
    ...sweepActivities(deps),
    ...vatActivities(deps),
  };
  const activities = { ...steps, ...reconcileActivities(deps, steps) } satisfies Activities;
  const scoped = Object.entries(activities).map(([name, act]) => [
    name,
    (argument: never) => inTenantOf(argument, () => (act as (argument: never) => Promise<unknown>)(argument)),
  ]);
  return Object.fromEntries(scoped) as Activities;
}
