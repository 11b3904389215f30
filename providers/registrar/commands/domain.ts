import type { Availability, DomainView } from '../port.ts';
import { element, find, findAll, objectElement, type Read, required, textOf, type Written } from '../xml.ts';

export const checkDomains = (names: readonly string[]): Written =>
  element('check', [
    objectElement(
      'domain:check',
      names.map((name) => element('domain:name', name)),
    ),
  ]);

/** RFC 5731 3.1.1; `avail` is an xs:boolean. */
export function readAvailability(data: Read | undefined): Availability[] {
  return findAll(data, 'cd').map((cd) => {
    const reason = textOf(cd, 'reason');
    const available = ['1', 'true'].includes(find(cd, 'name')?.attributes.avail ?? '');
    return { name: required(cd, 'name'), available, ...(reason === undefined ? {} : { reason }) };
  });
}

export interface NewDomain {
  name: string;
  years: number;
  registrant: string;
  nameservers: string[];
  authInfo: string;
}

export const createDomain = (domain: NewDomain): Written =>
  element('create', [
    objectElement('domain:create', [
      element('domain:name', domain.name),
      period(domain.years),
      hosts(domain.nameservers),
      element('domain:registrant', domain.registrant),
      element('domain:authInfo', [element('domain:pw', domain.authInfo)]),
    ]),
  ]);

export const infoDomain = (name: string): Written =>
  element('info', [objectElement('domain:info', [element('domain:name', name)])]);

/** RFC 5731 3.1.2. Throws SyntaxError where a registry leaves out what we cannot do without. */
export function readDomain(data: Read | undefined): DomainView {
  const authInfo = textOf(find(data, 'authInfo'), 'pw');
  return {
    name: required(data, 'name'),
    roid: required(data, 'roid'),
    statuses: findAll(data, 'status').map((status) => status.attributes.s ?? ''),
    registrant: textOf(data, 'registrant') ?? '',
    nameservers: findAll(find(data, 'ns'), 'hostObj').map((host) => host.text),
    sponsor: required(data, 'clID'),
    createdAt: new Date(required(data, 'crDate')),
    expiresAt: new Date(required(data, 'exDate')),
    ...(authInfo === undefined ? {} : { authInfo }),
  };
}

/** curExpDate is the registry's UTC date, cut and not converted. */
export const renewDomain = (name: string, currentExpiry: Date, years: number): Written =>
  element('renew', [
    objectElement('domain:renew', [
      element('domain:name', name),
      element('domain:curExpDate', currentExpiry.toISOString().slice(0, 10)),
      period(years),
    ]),
  ]);

export const updateNameservers = (name: string, added: readonly string[], removed: readonly string[]): Written =>
  element('update', [
    objectElement('domain:update', [
      element('domain:name', name),
      added.length > 0 ? element('domain:add', [hosts(added)]) : undefined,
      removed.length > 0 ? element('domain:rem', [hosts(removed)]) : undefined,
    ]),
  ]);

export const deleteDomain = (name: string): Written =>
  element('delete', [objectElement('domain:delete', [element('domain:name', name)])]);

const period = (years: number) => element('domain:period', years, { unit: 'y' });

const hosts = (names: readonly string[]) =>
  names.length > 0
    ? element(
        'domain:ns',
        names.map((name) => element('domain:hostObj', name)),
      )
    : undefined;
