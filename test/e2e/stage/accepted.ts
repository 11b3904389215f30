import { validateLogged } from '../../../sandbox/proxmox/validate.ts';
import { replay } from '../../support/stripe-mock.ts';
import type { Outside } from './outside.ts';

/** Requests to Proxmox that its own parameter check would have refused. `expected` names those made to be refused. */
export async function refusedByProxmox(outside: Outside, expected?: RegExp) {
  const logged = await outside.requests('proxmox');
  return logged
    .filter(({ operation }) => !expected?.test(operation))
    .map((entry) => ({ operation: entry.operation, checked: validateLogged(entry) }))
    .filter(({ checked }) => !checked || checked.errors);
}

/** Requests to Stripe that the genuine stripe-mock refuses. */
export async function refusedByStripe(outside: Outside) {
  return replay(await outside.requests('stripe'));
}
