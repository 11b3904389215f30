import { type Context, changedStatuses, type Handler, own, permits } from '../context.ts';
import { MAX_CHECKS } from '../policy.ts';
import type { Contact, Postal } from '../records.ts';
import { now } from '../registry.ts';
import { refuse } from '../result.ts';
import { branch, child, childText, childTexts, type Element, leaf, payload } from '../xml.ts';

const CLIENT_STATUSES = ['clientDeleteProhibited', 'clientTransferProhibited', 'clientUpdateProhibited'];

export const contactCommands: Record<string, Handler> = {
  'contact:check': check,
  'contact:create': create,
  'contact:info': info,
  'contact:update': update,
  'contact:delete': remove,
};

function check({ registry, element }: Context) {
  const ids = childTexts(element, 'id');
  if (ids.length > MAX_CHECKS) refuse(2306, `at most ${MAX_CHECKS} ids in one check`);
  const rows = ids.map((id) => {
    const taken = registry.contacts.has(id);
    return branch('contact:cd', [
      leaf('contact:id', id, { avail: taken ? 0 : 1 }),
      taken ? leaf('contact:reason', 'In use') : undefined,
    ]);
  });
  return { code: 1000, resData: payload('contact:chkData', rows) };
}

function create({ registry, account, element }: Context) {
  const id = childText(element, 'id')!;
  if (registry.contacts.has(id)) refuse(2302, id);
  const createdAt = now();
  registry.contacts.set(id, {
    id,
    roid: registry.roid('C'),
    statuses: [],
    postal: element.children.filter((one) => one.name === 'postalInfo').map((one) => postal(one)),
    ...reachable(element),
    email: mailAddress(childText(element, 'email')!),
    sponsor: account,
    creator: account,
    createdAt,
    authInfo: childText(child(element, 'authInfo'), 'pw') ?? '',
  });
  return {
    code: 1000,
    resData: payload('contact:creData', [leaf('contact:id', id), leaf('contact:crDate', createdAt)]),
  };
}

function info(context: Context) {
  const contact = find(context);
  const given = childText(child(context.element, 'authInfo'), 'pw');
  if (given !== undefined && given !== contact.authInfo) refuse(2202, 'authInfo does not match');
  if (given === undefined) own(context, contact);
  const linked = isLinked(context, contact.id) ? ['linked'] : [];
  const statuses = contact.statuses.length > 0 ? contact.statuses : ['ok'];
  return {
    code: 1000,
    resData: payload('contact:infData', [
      leaf('contact:id', contact.id),
      leaf('contact:roid', contact.roid),
      ...[...statuses, ...linked].map((s) => leaf('contact:status', '', { s })),
      ...contact.postal.map(writePostal),
      contact.voice && leaf('contact:voice', contact.voice),
      contact.fax && leaf('contact:fax', contact.fax),
      leaf('contact:email', contact.email),
      leaf('contact:clID', contact.sponsor),
      leaf('contact:crID', contact.creator),
      leaf('contact:crDate', contact.createdAt),
      contact.updater && leaf('contact:upID', contact.updater),
      contact.updatedAt && leaf('contact:upDate', contact.updatedAt),
      branch('contact:authInfo', [leaf('contact:pw', contact.authInfo)]),
    ]),
  };
}

function update(context: Context) {
  const { element, registry, account } = context;
  const contact = own(context, find(context));
  const added = statusesOf(child(element, 'add'));
  const removed = statusesOf(child(element, 'rem'));
  const chg = child(element, 'chg');
  const statuses = changedStatuses(contact.statuses, added, removed, CLIENT_STATUSES);
  permits({ statuses: contact.statuses.filter((status) => !removed.includes(status)) }, 'Update');
  const email = childText(chg, 'email');
  const authInfo = childText(child(chg, 'authInfo'), 'pw');
  registry.contacts.set(contact.id, {
    ...contact,
    statuses,
    postal: changedPostal(contact.postal, chg),
    ...reachable(chg),
    ...(email === undefined ? {} : { email: mailAddress(email) }),
    ...(authInfo === undefined ? {} : { authInfo }),
    updater: account,
    updatedAt: now(),
  });
  return { code: 1000 };
}

function remove(context: Context) {
  const contact = own(context, find(context));
  permits(contact, 'Delete');
  if (isLinked(context, contact.id)) refuse(2305, 'a domain names the contact');
  context.registry.contacts.delete(contact.id);
  return { code: 1000 };
}

function find({ registry, element }: Context): Contact {
  const id = childText(element, 'id')!;
  return registry.contacts.get(id) ?? refuse(2303, id);
}

function isLinked({ registry }: Context, id: string): boolean {
  return registry
    .domains()
    .some((domain) => domain.registrant === id || domain.contacts.some((contact) => contact.id === id));
}

const statusesOf = (part: Element | undefined) =>
  part?.children.filter((one) => one.name === 'status').map((one) => one.attributes.s ?? '') ?? [];

function reachable(element: Element | undefined): { voice?: string; fax?: string } {
  const [voice, fax] = [childText(element, 'voice'), childText(element, 'fax')];
  return { ...(voice === undefined ? {} : { voice }), ...(fax === undefined ? {} : { fax }) };
}

function mailAddress(email: string): string {
  return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email) ? email : refuse(2005, 'email is malformed');
}

/** RFC 5733 2.3: the international form is 7-bit, the local one whatever is written there. */
function postal(element: Element, before: Partial<Postal> = {}): Postal {
  const addr = child(element, 'addr');
  const [name, org] = [childText(element, 'name'), childText(element, 'org')];
  const { sp: _, pc: __, ...others } = before;
  const written = {
    ...(addr ? others : before),
    ...(name === undefined ? {} : { name }),
    ...(org === undefined ? {} : { org }),
    ...(addr ? address(addr) : {}),
    type: element.attributes.type!,
  };
  if (written.name === undefined || written.city === undefined || written.cc === undefined)
    refuse(2003, 'a postalInfo needs name and addr');
  if (written.type === 'int' && /[^\x20-\x7e]/.test(JSON.stringify(written)))
    refuse(2005, 'postalInfo of type int must be ASCII');
  return written as Postal;
}

function address(addr: Element) {
  const [sp, pc, cc] = ['sp', 'pc', 'cc'].map((name) => childText(addr, name));
  if (!/^[A-Z]{2}$/.test(cc!)) refuse(2005, `cc '${cc}' is no country code`);
  return {
    street: childTexts(addr, 'street'),
    city: childText(addr, 'city')!,
    ...(sp === undefined ? {} : { sp }),
    ...(pc === undefined ? {} : { pc }),
    cc: cc!,
  };
}

function changedPostal(current: Postal[], chg: Element | undefined): Postal[] {
  const changes = chg?.children.filter((one) => one.name === 'postalInfo') ?? [];
  const changed = changes.map((one) =>
    postal(
      one,
      current.find((old) => old.type === one.attributes.type),
    ),
  );
  return [...current.filter((old) => !changed.some((one) => one.type === old.type)), ...changed];
}

function writePostal(one: Postal): string {
  return branch(
    'contact:postalInfo',
    [
      leaf('contact:name', one.name),
      one.org && leaf('contact:org', one.org),
      branch('contact:addr', [
        ...one.street.map((street) => leaf('contact:street', street)),
        leaf('contact:city', one.city),
        one.sp && leaf('contact:sp', one.sp),
        one.pc && leaf('contact:pc', one.pc),
        leaf('contact:cc', one.cc),
      ]),
    ],
    { type: one.type },
  );
}
