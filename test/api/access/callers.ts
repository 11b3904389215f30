import { TENANT_PERMISSIONS } from '../../../core/permissions.ts';
import { Tenant, User } from '../../../db/entities/index.ts';
import { newId } from '../../../runtime/ids.ts';
import { type Api, type Caller, customerLogin, PERSON } from '../support.ts';
import type { Person } from './table.ts';

/** Everybody who asks, and staff with the permissions of the moment. */
export async function everybody(api: Api) {
  const password = 'a password of their own';
  async function login(fields: object, headers: Record<string, string> = {}) {
    const email = `${newId()}@mpanel.test`;
    const body = { name: 'P', email, password, ...fields };
    const { id } = (await api.admin('POST', '/api/users', { headers, body })).body;
    return { id: id as string, call: await api.signIn({ email, password }) };
  }
  async function staff() {
    const { id, call } = await login({ roles: ['staff'] });
    const may = (permissions: readonly string[]) =>
      api.orm.em.fork().nativeUpdate(User, { id }, { permissions: [...permissions] });
    return { call, may };
  }

  const { customer, call } = await customerLogin(api);
  const em = api.orm.em.fork();
  const other = em.create(Tenant, { id: newId(), name: 'Other' });
  await em.flush();
  const people: Record<Person, Caller> = {
    customer: call,
    stranger: (await customerLogin(api, { ...PERSON, email: 'stranger@example.com' })).call,
    reseller: (await login({ roles: ['reseller'] })).call,
    foreign: (await login({ roles: ['admin'] }, { 'x-tenant-id': other.id })).call,
    admin: (await login({ roles: ['admin'] })).call,
    platform: api.admin,
  };
  const { body: key } = await people.admin('POST', '/api/api-keys', { body: { name: 'key', scopes: ['*'] } });
  return {
    people,
    customerId: customer.id,
    key: api.withToken(key.secret),
    /** With the permission, with reading alone, and with everything else. */
    staff: { holder: await staff(), reader: await staff(), clerk: await staff() },
  };
}

/** What staff hold to be, of a noun, the holder, a reader and a clerk. */
export function permissionsFor(needs: string) {
  const noun = needs.split('.')[0];
  const reading = `${noun}.read`;
  return {
    holder: [needs],
    reader: [reading],
    /** Whether the noun has a permission to read: what has none is not there for whoever may not change it. */
    known: (TENANT_PERMISSIONS as readonly string[]).includes(reading),
    clerk: TENANT_PERMISSIONS.filter((permission) => !permission.startsWith(`${noun}.`)),
  };
}
