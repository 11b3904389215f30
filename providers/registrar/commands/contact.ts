import type { Contact } from '../port.ts';
import { element, find, findAll, objectElement, type Read, textOf, type Written } from '../xml.ts';

export const createContact = (id: string, contact: Contact, authInfo: string): Written =>
  element('create', [
    objectElement('contact:create', [
      element('contact:id', id),
      ...details(contact),
      element('contact:authInfo', [element('contact:pw', authInfo)]),
    ]),
  ]);

export const infoContact = (id: string): Written =>
  element('info', [objectElement('contact:info', [element('contact:id', id)])]);

/** Sets everything; what the contact does not have is emptied (RFC 5733 3.2.5). */
export const updateContact = (id: string, contact: Contact): Written =>
  element('update', [
    objectElement('contact:update', [element('contact:id', id), element('contact:chg', details(contact, ''))]),
  ]);

export const deleteContact = (id: string): Written =>
  element('delete', [objectElement('contact:delete', [element('contact:id', id)])]);

/** The parts that create and update share. `absent` is written where the contact has nothing; undefined leaves the element out. */
function details(given: Contact, absent?: ''): Written[] {
  const contact = tidy(given);
  const optional = (name: string, value: string | undefined = absent) =>
    value === undefined ? undefined : element(name, value);
  return [
    element(
      'contact:postalInfo',
      [
        element('contact:name', contact.name),
        optional('contact:org', contact.organization),
        element('contact:addr', [
          ...contact.street.map((street) => element('contact:street', street)),
          element('contact:city', contact.city),
          optional('contact:sp', contact.state),
          optional('contact:pc', contact.postalCode),
          element('contact:cc', contact.countryCode),
        ]),
      ],
      { type: formOf(contact) },
    ),
    optional('contact:voice', contact.phone),
    element('contact:email', contact.email),
  ].filter((one) => one !== undefined);
}

/** The international form takes ASCII only (RFC 5733 2.3); anything else goes as local form. */
const formOf = (contact: Contact) => (/^[\x20-\x7e]*$/.test(Object.values(contact).flat().join('')) ? 'int' : 'loc');

const STREETS = 3;

/** As a registry keeps it: white space collapsed, empty parts absent, at most three street lines, upper-case country. */
export function tidy(contact: Contact): Contact {
  const plain = (text = '') => text.replace(/\s+/g, ' ').trim();
  const lines = contact.street.map(plain).filter((line) => line !== '');
  const rest = lines.slice(STREETS - 1).join(', ');
  const some = (key: 'organization' | 'phone' | 'state' | 'postalCode') => {
    const value = plain(contact[key]);
    return value === '' ? {} : { [key]: value };
  };
  return {
    name: plain(contact.name),
    email: plain(contact.email),
    street: [...lines.slice(0, STREETS - 1), ...(rest === '' ? [] : [rest])],
    city: plain(contact.city),
    countryCode: plain(contact.countryCode).toUpperCase(),
    ...some('organization'),
    ...some('phone'),
    ...some('state'),
    ...some('postalCode'),
  };
}

/** Whether infData shows the contact as it should be. */
export function isEqual(data: Read | undefined, wanted: Contact): boolean {
  const contact = tidy(wanted);
  const postal = findAll(data, 'postalInfo').find((one) => one.attributes.type === formOf(contact));
  const addr = find(postal, 'addr');
  const held = [
    textOf(postal, 'name'),
    textOf(postal, 'org'),
    findAll(addr, 'street').map((one) => one.text),
    ...['city', 'sp', 'pc', 'cc'].map((name) => textOf(addr, name)),
    textOf(data, 'voice'),
    textOf(data, 'email'),
  ];
  const { name, organization, street, city, state, postalCode, countryCode, phone, email } = contact;
  const asked = [name, organization, street, city, state, postalCode, countryCode, phone, email];
  return asked.every((value, at) => JSON.stringify(value ?? '') === JSON.stringify(held[at] ?? ''));
}
