import type { Context } from './context.ts';
import { isHostName, MAX_NAMESERVERS, superordinate, type Tld, tldOf } from './policy.ts';
import type { Domain } from './records.ts';
import { refuse } from './result.ts';
import { child, childText, childTexts, type Element } from './xml.ts';

export const nameOf = (element: Element) => childText(element, 'name')!.toLowerCase();

export function findDomain({ registry, element }: Context): Domain {
  const name = nameOf(element);
  return registry.domain(name) ?? refuse(2303, name);
}

/** Why a name cannot be registered here at all. */
export function unsellable(name: string): string | undefined {
  if (!isHostName(name)) return 'Invalid domain name';
  return tldOf(name) && superordinate(name) === name ? undefined : 'Not a name of this registry';
}

/** Whole years; one where nothing is said. */
export function yearsOf(element: Element, tld: Tld): number {
  const years = Number(childText(element, 'period') ?? 1);
  return years <= tld.maxYears ? years : refuse(2004, `at most ${tld.maxYears} years`);
}

/** Nameservers named in an element's <ns>; each must be a host object of this registry. */
export function nameserversOf({ registry }: Context, element: Element | undefined): string[] {
  const ns = child(element, 'ns');
  if (ns && child(ns, 'hostAttr')) refuse(2102, 'nameservers are host objects here');
  const names = childTexts(ns, 'hostObj').map((name) => name.toLowerCase());
  const missing = names.find((name) => !registry.hosts.has(name));
  return missing ? refuse(2303, `host ${missing}`) : names;
}

export function atMostAllowed(nameservers: string[]): string[] {
  return nameservers.length <= MAX_NAMESERVERS ? nameservers : refuse(2306, `at most ${MAX_NAMESERVERS} nameservers`);
}

/** A contact that may stand in a domain of this account. */
export function contactId({ registry, account }: Context, id: string): string {
  const contact = registry.contacts.get(id) ?? refuse(2303, `contact ${id}`);
  return contact.sponsor === account ? id : refuse(2201, `contact ${id} has another sponsor`);
}

export function contactsOf(context: Context, element: Element | undefined): Domain['contacts'] {
  const found = element?.children.filter((one) => one.name === 'contact') ?? [];
  return found.map((one) => ({ type: one.attributes.type!, id: contactId(context, one.text) }));
}

export const authInfoOf = (element: Element | undefined) => childText(child(element, 'authInfo'), 'pw');

/** The statuses as they are shown: `inactive` without delegation, `ok` when there is nothing else (RFC 5731 2.3). */
export function shownStatuses(domain: Domain): string[] {
  const shown = [...domain.statuses, ...(domain.nameservers.length === 0 ? ['inactive'] : [])];
  return shown.length > 0 ? shown : ['ok'];
}
