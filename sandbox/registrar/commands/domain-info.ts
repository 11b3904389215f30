import type { Context } from '../context.ts';
import { authInfoOf, findDomain, shownStatuses } from '../domains.ts';
import { describeGrace, describeSigners } from '../extensions.ts';
import { superordinate } from '../policy.ts';
import type { Domain } from '../records.ts';
import { type Reply, refuse } from '../result.ts';
import { branch, child, leaf, NS, payload } from '../xml.ts';

/** RFC 5731 3.1.2: everybody may look; the password is for the sponsor, or for who knows it already. */
export function info(context: Context): Reply {
  const domain = findDomain(context);
  const given = authInfoOf(context.element);
  if (given !== undefined && given !== domain.authInfo) refuse(2202, 'authInfo does not match');
  const trusted = given !== undefined || domain.sponsor === context.account;
  const extensions = [
    context.understands(NS.secDNS) ? describeSigners(domain) : undefined,
    context.understands(NS.rgp) ? describeGrace(context.registry, domain) : undefined,
  ].filter((part) => part !== undefined);
  return {
    code: 1000,
    resData: describe(context, domain, trusted),
    ...(extensions.length > 0 ? { extension: extensions.join('') } : {}),
  };
}

function describe(context: Context, domain: Domain, trusted: boolean): string {
  const hosts = child(context.element, 'name')!.attributes.hosts ?? 'all';
  const delegated = ['all', 'del'].includes(hosts) && domain.nameservers.length > 0;
  const subordinate = ['all', 'sub'].includes(hosts)
    ? context.registry.hosts.values().filter((host) => superordinate(host.name) === domain.name)
    : [];
  return payload('domain:infData', [
    leaf('domain:name', domain.name),
    leaf('domain:roid', domain.roid),
    ...shownStatuses(domain).map((s) => leaf('domain:status', '', { s })),
    leaf('domain:registrant', domain.registrant),
    ...domain.contacts.map(({ type, id }) => leaf('domain:contact', id, { type })),
    delegated
      ? branch(
          'domain:ns',
          domain.nameservers.map((host) => leaf('domain:hostObj', host)),
        )
      : undefined,
    ...subordinate.map((host) => leaf('domain:host', host.name)),
    leaf('domain:clID', domain.sponsor),
    leaf('domain:crID', domain.creator),
    leaf('domain:crDate', domain.createdAt),
    domain.updater && leaf('domain:upID', domain.updater),
    domain.updatedAt && leaf('domain:upDate', domain.updatedAt),
    leaf('domain:exDate', domain.expiresAt),
    domain.transferredAt && leaf('domain:trDate', domain.transferredAt),
    trusted ? branch('domain:authInfo', [leaf('domain:pw', domain.authInfo)]) : undefined,
  ]);
}
