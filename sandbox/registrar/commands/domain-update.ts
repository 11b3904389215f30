import { type Context, changedStatuses, own, permits } from '../context.ts';
import { atMostAllowed, authInfoOf, contactId, contactsOf, findDomain, nameserversOf } from '../domains.ts';
import { delegationSigners, extension, restore } from '../extensions.ts';
import type { Domain } from '../records.ts';
import { now } from '../registry.ts';
import { type Reply, refuse } from '../result.ts';
import { child, childText, type Element, NS } from '../xml.ts';

const CLIENT_STATUSES = ['Delete', 'Renew', 'Transfer', 'Update']
  .map((what) => `client${what}Prohibited`)
  .concat('clientHold');

/** RFC 5731 3.2.5, with the restore of RFC 3915 and the DS records of RFC 5910. */
export function update(context: Context): Reply {
  const { registry, account } = context;
  const domain = own(context, findDomain(context));
  const changed = extension(context, NS.rgp) ? restore(context, domain) : edited(context, domain);
  registry.save({ ...changed, updater: account, updatedAt: now() });
  return { code: 1000 };
}

function edited(context: Context, domain: Domain): Domain {
  const { element } = context;
  const [add, rem, chg] = ['add', 'rem', 'chg'].map((name) => child(element, name));
  const lifted = statusesOf(rem);
  permits({ statuses: domain.statuses.filter((status) => !lifted.includes(status)) }, 'Update');
  const registrant = childText(chg, 'registrant');
  const authInfo = authInfoOf(chg);
  return {
    ...domain,
    statuses: changedStatuses(domain.statuses, statusesOf(add), lifted, CLIENT_STATUSES),
    nameservers: atMostAllowed(exchanged(domain.nameservers, nameserversOf(context, add), nameserversOf(context, rem))),
    contacts: contacts(domain.contacts, contactsOf(context, add), contactsOf(context, rem)),
    ds: delegationSigners(context, domain.ds),
    ...(registrant === undefined ? {} : { registrant: contactId(context, registrant) }),
    ...(authInfo === undefined ? {} : { authInfo }),
  };
}

const statusesOf = (part: Element | undefined) =>
  part?.children.filter((one) => one.name === 'status').map((one) => one.attributes.s ?? '') ?? [];

function exchanged(current: string[], added: string[], removed: string[]): string[] {
  const missing = removed.find((one) => !current.includes(one));
  if (missing) refuse(2303, `${missing} is not there to be removed`);
  const kept = current.filter((one) => !removed.includes(one));
  const doubled = added.find((one) => kept.includes(one));
  return doubled ? refuse(2302, `${doubled} is there already`) : [...kept, ...added];
}

function contacts(
  current: Domain['contacts'],
  added: Domain['contacts'],
  removed: Domain['contacts'],
): Domain['contacts'] {
  const write = (list: Domain['contacts']) => list.map(({ type, id }) => `${type} ${id}`);
  return exchanged(write(current), write(added), write(removed)).map((line) => {
    const [type, id] = line.split(' ') as [string, string];
    return { type, id };
  });
}
