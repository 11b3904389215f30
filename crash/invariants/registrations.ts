import { duplicates, surplus } from './duplicates.ts';
import type { Invariant } from './evidence.ts';

const SPONSOR = 'MPANEL';

/** At the registry: our domains are those of the platform, each paid for once, and no contact without a domain. */
export const registrations: Invariant = ({ told, outside: { registrar } }) => {
  const theirs = registrar.domains.filter(({ sponsor }) => sponsor === SPONSOR);
  const names = theirs.map(({ name }) => name);
  // The platform's own zones are registered by hand.
  const house = told.zones.filter(({ customerId }) => customerId === null).map(({ domain }) => domain);
  const ours = told.domains.filter(({ status }) => status === 'active').map(({ domain }) => domain);
  const creates = registrar.ledger.filter(({ kind, account }) => kind === 'create' && account === SPONSOR);
  const used = new Set(theirs.flatMap(({ registrant, contacts }) => [registrant, ...contacts.map(({ id }) => id)]));
  return [
    ...surplus(names, [...ours, ...house]).map((name) => `${name} is registered and nobody's`),
    ...surplus(ours, names).map((name) => `${name} is not registered`),
    ...duplicates(creates.map(({ name }) => name)).map((name) => `${name} was registered twice`),
    ...registrar.contacts
      .filter(({ id, sponsor }) => sponsor === SPONSOR && !used.has(id))
      .map(({ id }) => `contact ${id} belongs to no domain`),
  ];
};
