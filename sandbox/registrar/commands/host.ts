import { isIPv4, isIPv6 } from 'node:net';
import { type Context, changedStatuses, type Handler, own, permits } from '../context.ts';
import { isHostName, MAX_CHECKS, superordinate, tldOf } from '../policy.ts';
import type { Host } from '../records.ts';
import { now } from '../registry.ts';
import { refuse } from '../result.ts';
import { branch, child, childText, childTexts, type Element, leaf, payload } from '../xml.ts';

const CLIENT_STATUSES = ['clientDeleteProhibited', 'clientUpdateProhibited'];

export const hostCommands: Record<string, Handler> = {
  'host:check': check,
  'host:create': create,
  'host:info': info,
  'host:update': update,
  'host:delete': remove,
};

function check({ registry, element }: Context) {
  const names = childTexts(element, 'name');
  if (names.length > MAX_CHECKS) refuse(2306, `at most ${MAX_CHECKS} names in one check`);
  const rows = names.map((name) => {
    const taken = registry.hosts.has(name.toLowerCase());
    return branch('host:cd', [
      leaf('host:name', name, { avail: taken ? 0 : 1 }),
      taken ? leaf('host:reason', 'In use') : undefined,
    ]);
  });
  return { code: 1000, resData: payload('host:chkData', rows) };
}

function create(context: Context) {
  const { registry, account, element } = context;
  const name = nameOf(element);
  if (!isHostName(name)) refuse(2005, `'${name}' is no host name`);
  if (registry.hosts.has(name)) refuse(2302, name);
  const addresses = addressesOf(element);
  bailiwick(context, name, addresses);
  const createdAt = now();
  const roid = registry.roid('H');
  registry.hosts.set(name, { name, roid, statuses: [], addresses, sponsor: account, creator: account, createdAt });
  return { code: 1000, resData: payload('host:creData', [leaf('host:name', name), leaf('host:crDate', createdAt)]) };
}

function info(context: Context) {
  const host = find(context);
  const statuses = [
    ...(host.statuses.length > 0 ? host.statuses : ['ok']),
    ...(isLinked(context, host.name) ? ['linked'] : []),
  ];
  return {
    code: 1000,
    resData: payload('host:infData', [
      leaf('host:name', host.name),
      leaf('host:roid', host.roid),
      ...statuses.map((s) => leaf('host:status', '', { s })),
      ...host.addresses.map((address) => leaf('host:addr', address, { ip: isIPv6(address) ? 'v6' : 'v4' })),
      leaf('host:clID', host.sponsor),
      leaf('host:crID', host.creator),
      leaf('host:crDate', host.createdAt),
      host.updater && leaf('host:upID', host.updater),
      host.updatedAt && leaf('host:upDate', host.updatedAt),
    ]),
  };
}

function update(context: Context) {
  const { registry, account, element } = context;
  const host = own(context, find(context));
  const [add, rem] = [child(element, 'add'), child(element, 'rem')];
  if (child(element, 'chg')) refuse(2102, 'hosts are not renamed here');
  const statuses = changedStatuses(host.statuses, statusesOf(add), statusesOf(rem), CLIENT_STATUSES);
  permits({ statuses: host.statuses.filter((status) => !statusesOf(rem).includes(status)) }, 'Update');
  const removed = addressesOf(rem);
  const missing = removed.find((address) => !host.addresses.includes(address));
  if (missing) refuse(2303, `address ${missing}`);
  const addresses = [
    ...new Set([...host.addresses.filter((address) => !removed.includes(address)), ...addressesOf(add)]),
  ];
  bailiwick(context, host.name, addresses);
  registry.hosts.set(host.name, { ...host, statuses, addresses, updater: account, updatedAt: now() });
  return { code: 1000 };
}

function remove(context: Context) {
  const host = own(context, find(context));
  permits(host, 'Delete');
  if (isLinked(context, host.name)) refuse(2305, 'a domain is delegated to the host');
  context.registry.hosts.delete(host.name);
  return { code: 1000 };
}

/** A host in a zone of ours lives under a domain of the same sponsor and has addresses (glue); any other has none. */
function bailiwick({ registry, account }: Context, name: string, addresses: string[]): void {
  if (!tldOf(name)) {
    if (addresses.length > 0) refuse(2306, 'a host outside the zones of this registry has no addresses here');
    return;
  }
  const parent = registry.domain(superordinate(name)) ?? refuse(2303, `superordinate domain ${superordinate(name)}`);
  if (parent.sponsor !== account) refuse(2201, `superordinate domain ${parent.name} has another sponsor`);
  if (addresses.length === 0) refuse(2003, `${name} needs addresses`);
}

function find({ registry, element }: Context): Host {
  const name = nameOf(element);
  return registry.hosts.get(name) ?? refuse(2303, name);
}

function isLinked({ registry }: Context, name: string): boolean {
  return registry.domains().some((domain) => domain.nameservers.includes(name));
}

const nameOf = (element: Element) => childText(element, 'name')!.toLowerCase();

const statusesOf = (part: Element | undefined) =>
  part?.children.filter((one) => one.name === 'status').map((one) => one.attributes.s ?? '') ?? [];

function addressesOf(part: Element | undefined): string[] {
  const found = part?.children.filter((one) => one.name === 'addr') ?? [];
  return found.map(({ text, attributes }) => {
    const valid = attributes.ip === 'v6' ? isIPv6(text) : isIPv4(text);
    return valid ? text : refuse(2005, `'${text}' is no address of the kind ${attributes.ip ?? 'v4'}`);
  });
}
