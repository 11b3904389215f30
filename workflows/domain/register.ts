import { processOf } from '../process.ts';
import type { Saga } from '../saga.ts';

/** The zone stands before the name is registered: some registries look at it first. */
export const domainRegister: Saga = {
  type: 'domain_register',
  steps: [
    { name: 'claim name', do: 'claimDomain', undo: 'failDomain' },
    { name: 'create zone', do: 'createZone', undo: 'deleteZone' },
    { name: 'create contact', do: 'createContact', undo: 'deleteContact' },
    { name: 'register', do: 'registerDomain', undo: 'unregisterDomain' },
    { name: 'activate', do: 'activateDomain' },
  ],
};

/** A year that the registry has given is never given back: its undo keeps what was renewed after all. */
export const domainRenew: Saga = {
  type: 'domain_renew',
  steps: [
    { name: 'claim renewal', do: 'claimRenewal', undo: 'dropRenewal' },
    { name: 'renew', do: 'renewDomain' },
    { name: 'store expiry', do: 'storeRenewal' },
  ],
};

export const dnsApply: Saga = {
  type: 'dns_apply',
  forwardOnly: true,
  steps: [{ name: 'write zone', do: 'applyZone' }],
};

export const domain_register = processOf(domainRegister);
export const domain_renew = processOf(domainRenew);
export const dns_apply = processOf(dnsApply);
