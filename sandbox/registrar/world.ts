import { addYears, tldOf } from './policy.ts';
import type { Domain } from './records.ts';
import { now, OURS, type Registry, RIVAL } from './registry.ts';
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

/** The domain that a hoster's own name servers lie in, registered long ago with their glue: what every customer's delegation stands on. */
export function plantNameServers(registry: Registry, hosts: readonly string[]): void {
  for (const host of hosts) {
    const name = host.split('.').slice(-2).join('.');
    if (registry.hosts.has(host) || !tldOf(name)) continue;
    if (!registry.domain(name)) plant(registry, { name, sponsor: OURS.id });
    const own = { sponsor: OURS.id, creator: OURS.id, createdAt: now() };
    registry.hosts.set(host, { name: host, roid: registry.roid('H'), statuses: [], addresses: ['127.0.0.1'], ...own });
  }
}
