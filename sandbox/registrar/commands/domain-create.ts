import type { Context } from '../context.ts';
import {
  atMostAllowed,
  authInfoOf,
  contactId,
  contactsOf,
  nameOf,
  nameserversOf,
  unsellable,
  yearsOf,
} from '../domains.ts';
import { delegationSigners } from '../extensions.ts';
import { addYears, MAX_CHECKS, tldOf } from '../policy.ts';
import type { Domain } from '../records.ts';
import { now } from '../registry.ts';
import { type Reply, refuse } from '../result.ts';
import { plant } from '../world.ts';
import { branch, childText, childTexts, leaf, payload } from '../xml.ts';

/** RFC 5731 3.1.1. */
export function check({ registry, element }: Context): Reply {
  const names = childTexts(element, 'name');
  if (names.length > MAX_CHECKS) refuse(2306, `at most ${MAX_CHECKS} names in one check`);
  const rows = names.map((name) => {
    const held = registry.domain(name.toLowerCase()) ? 'In use' : undefined;
    const reason =
      unsellable(name.toLowerCase()) ?? held ?? (registry.premium.has(name.toLowerCase()) ? 'Premium name' : undefined);
    return branch('domain:cd', [
      leaf('domain:name', name, { avail: reason ? 0 : 1 }),
      reason && leaf('domain:reason', reason),
    ]);
  });
  return { code: 1000, resData: payload('domain:chkData', rows) };
}

/** RFC 5731 3.2.1: charged at once, also where the registry decides later. */
export function create(context: Context): Reply {
  const { registry, element } = context;
  const name = nameOf(element);
  const reason = unsellable(name);
  if (reason) refuse(reason === 'Invalid domain name' ? 2005 : 2306, `${name}: ${reason}`);
  if (context.switched('taken-between-check-and-create')) plant(registry, { name });
  if (registry.domain(name)) refuse(2302, name);
  if (registry.premium.has(name)) refuse(2306, `${name} is sold at a price agreed on beforehand`);
  const domain = wanted(context, name);
  const pending = context.switched('pending-create');
  registry.charge(domain.sponsor, 'create', domain, yearsOf(element, tldOf(name)!));
  registry.save(pending ? awaiting(context, domain, pending.data) : domain);
  if (pending) context.decideLater(name);
  return {
    code: pending ? 1001 : 1000,
    resData: payload('domain:creData', [
      leaf('domain:name', name),
      leaf('domain:crDate', domain.createdAt),
      leaf('domain:exDate', domain.expiresAt),
    ]),
  };
}

function wanted(context: Context, name: string): Domain {
  const { registry, account, element } = context;
  const years = yearsOf(element, tldOf(name)!);
  const registrant = childText(element, 'registrant') ?? refuse(2003, 'registrant');
  const createdAt = now();
  return {
    name,
    registrant: contactId(context, registrant),
    contacts: contactsOf(context, element),
    nameservers: atMostAllowed(nameserversOf(context, element)),
    ds: delegationSigners(context, []),
    statuses: [],
    roid: registry.roid('D'),
    sponsor: account,
    creator: account,
    createdAt,
    expiresAt: addYears(createdAt, years),
    authInfo: authInfoOf(element) ?? '',
  };
}

/** Pending until the act `finish-pending`, or for `ms` where the switch says so. */
function awaiting({ transaction, speed }: Context, domain: Domain, data: unknown): Domain {
  const { ms, twice = false, ok = true } = (data ?? {}) as { ms?: number; twice?: boolean; ok?: boolean };
  const due = ms === undefined ? {} : { dueAt: new Date(Date.now() + ms * speed).toISOString() };
  return { ...domain, statuses: ['pendingCreate'], pending: { transaction, twice, ok, ...due } };
}
