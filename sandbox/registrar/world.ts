import { addYears } from './policy.ts';
import type { Domain } from './records.ts';
import { now, type Registry, RIVAL } from './registry.ts';
import { leaf, payload } from './xml.ts';

/** A domain that was there before: registered by somebody, a year from now unless said otherwise. */
export function plant(registry: Registry, given: Partial<Domain> & { name: string }): Domain {
  const createdAt = given.createdAt ?? now();
  const sponsor = given.sponsor ?? RIVAL.id;
  return registry.save({
    roid: registry.roid('D'),
    statuses: [],
    registrant: `${sponsor}-1`,
    contacts: [],
    nameservers: [],
    creator: sponsor,
    expiresAt: addYears(createdAt, 1),
    authInfo: crypto.randomUUID(),
    ds: [],
    ...given,
    sponsor,
    createdAt,
  });
}

/** The domain goes to another registrar and the one who had it is told, by poll message. */
export function transferAway(registry: Registry, domain: Domain, to: string): Domain {
  const at = now();
  const expiresAt = addYears(domain.expiresAt, 1);
  registry.enqueue(
    domain.sponsor,
    `Domain ${domain.name} was transferred to ${to}`,
    payload('domain:trnData', [
      leaf('domain:name', domain.name),
      leaf('domain:trStatus', 'serverApproved'),
      leaf('domain:reID', to),
      leaf('domain:reDate', at),
      leaf('domain:acID', domain.sponsor),
      leaf('domain:acDate', at),
      leaf('domain:exDate', expiresAt),
    ]),
  );
  return registry.hand({ ...domain, expiresAt }, to);
}
