import { type Context, own, permits } from '../context.ts';
import { authInfoOf, findDomain, yearsOf } from '../domains.ts';
import { addYears, GRACE_MS, superordinate, TRANSFER_MS, tldOf } from '../policy.ts';
import type { Domain } from '../records.ts';
import { now } from '../registry.ts';
import { type Reply, refuse } from '../result.ts';
import { childText, leaf, payload } from '../xml.ts';

/** RFC 5731 3.2.3: the date guards against a renewal that is asked for twice. */
export function renew(context: Context): Reply {
  const { registry, element } = context;
  const domain = own(context, findDomain(context));
  permits(domain, 'Renew');
  const tld = tldOf(domain.name)!;
  const years = yearsOf(element, tld);
  if (childText(element, 'curExpDate') !== domain.expiresAt.slice(0, 10))
    refuse(2306, 'curExpDate is not the expiry date');
  const expiresAt = addYears(domain.expiresAt, years);
  if (expiresAt > addYears(now(), tld.maxYears))
    refuse(2105, `the term would end more than ${tld.maxYears} years from now`);
  registry.charge(domain.sponsor, 'renew', domain, years);
  registry.save({ ...domain, expiresAt });
  return {
    code: 1000,
    resData: payload('domain:renData', [leaf('domain:name', domain.name), leaf('domain:exDate', expiresAt)]),
  };
}

/** RFC 5731 3.2.2: gone and paid back within the add grace period, else pendingDelete. */
export function remove(context: Context): Reply {
  const { registry } = context;
  const domain = own(context, findDomain(context));
  permits(domain, 'Delete');
  if (registry.hosts.values().some((host) => superordinate(host.name) === domain.name))
    refuse(2305, 'there are hosts under the domain');
  registry.refund(domain);
  if (Date.now() - Date.parse(domain.createdAt) < GRACE_MS.create) {
    registry.remove(domain.name);
    return { code: 1000 };
  }
  registry.save({ ...domain, statuses: [...domain.statuses, 'pendingDelete'], deletedAt: now() });
  return { code: 1001 };
}

/** RFC 5731 3.2.4: nobody answers a request here, so that the registry approves it after five days. */
export function transfer(context: Context): Reply {
  const { op } = context.verb.attributes;
  const domain = findDomain(context);
  if (op === 'query') return domain.transfer ? { code: 1000, resData: describe(domain) } : refuse(2301, domain.name);
  if (op !== 'request') refuse(2102, `transfer ${op}`);
  return request(context, domain);
}

function request(context: Context, domain: Domain): Reply {
  const { registry, account, element } = context;
  if (domain.sponsor === account) refuse(2106, 'the domain is sponsored by the client already');
  if (domain.transfer) refuse(2300, domain.name);
  permits(domain, 'Transfer');
  if (authInfoOf(element) !== domain.authInfo) refuse(2202, 'authInfo does not match');
  const years = yearsOf(element, tldOf(domain.name)!);
  registry.charge(account, 'transfer', domain, years);
  const requestedAt = now();
  const actsAt = new Date(Date.now() + TRANSFER_MS).toISOString();
  const asked = registry.save({
    ...domain,
    statuses: [...domain.statuses, 'pendingTransfer'],
    transfer: { requester: account, requestedAt, loser: domain.sponsor, actsAt, years },
  });
  registry.enqueue(domain.sponsor, `Transfer of ${domain.name} requested`, describe(asked));
  return { code: 1001, resData: describe(asked) };
}

function describe({ name, expiresAt, transfer }: Domain): string {
  const { requester, requestedAt, loser, actsAt, years } = transfer!;
  return payload('domain:trnData', [
    leaf('domain:name', name),
    leaf('domain:trStatus', 'pending'),
    leaf('domain:reID', requester),
    leaf('domain:reDate', requestedAt),
    leaf('domain:acID', loser),
    leaf('domain:acDate', actsAt),
    leaf('domain:exDate', addYears(expiresAt, years)),
  ]);
}
