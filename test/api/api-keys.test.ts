import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiKey, AuditEvent } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { type Api, customerLogin, startApi } from './support.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function person(fields: object) {
  const login = { email: `${newId()}@mpanel.test`, password: 'a long password' };
  const { body } = await api.admin('POST', '/api/users', { body: { ...login, name: 'P', ...fields } });
  return { id: body.id as string, call: await api.signIn(login) };
}
const staff = (...permissions: string[]) => person({ roles: ['staff'], permissions });
const make = (call: Api['admin'], fields: object) => call('POST', '/api/api-keys', { body: { name: 'ci', ...fields } });

describe('A key', () => {
  test('does what its scopes say and nothing else; its secret is shown once and stored as a hash', async () => {
    const { id, call } = await staff('customers.read', 'customers.write', 'products.read');
    const { status, body } = await make(call, { scopes: ['customers.read'] });
    expect(status).toBe(201);
    expect(body.secret).toMatch(/^mpk_[\w-]{43}$/);
    expect(body.secret.startsWith(body.apiKey.prefix)).toBe(true);
    const key = api.withToken(body.secret);
    expect((await key('GET', '/api/customers')).status).toBe(200);
    expect((await key('POST', '/api/customers', { body: { name: 'X', email: 'x@example.com' } })).status).toBe(403);
    expect((await key('GET', '/api/products')).status).toBe(404);
    expect((await key('GET', '/api/auth/me')).body).toMatchObject({ id, permissions: ['customers.read'] });
    const list = await call('GET', '/api/api-keys');
    expect(list.body).toMatchObject({ total: 1, items: [{ name: 'ci', lastUsedAt: expect.any(String) }] });
    expect(list.text).not.toContain(body.secret);
    expect(JSON.stringify(await api.orm.em.fork().find(ApiKey, {}))).not.toContain(body.secret);
    expect(await api.orm.em.fork().count(AuditEvent, { action: 'api_key.created', actorId: id })).toBe(1);
  });

  test('loses what its owner loses, and ends with a suspension', async () => {
    const { id, call } = await staff('customers.read', 'products.read');
    const { body } = await make(call, { scopes: ['customers.read', 'products.read'] });
    const key = api.withToken(body.secret);
    await api.admin('PUT', `/api/users/${id}`, { body: { permissions: ['products.read'] } });
    expect((await key('GET', '/api/customers')).status).toBe(404);
    expect((await key('GET', '/api/products')).status).toBe(200);
    await api.admin('PUT', `/api/users/${id}`, { body: { status: 'suspended' } });
    expect((await key('GET', '/api/products')).status).toBe(401);
  });

  test('401 once it is over, and once it is deleted', async () => {
    const { call } = await staff('customers.read');
    const soon = new Date(Date.now() + 60_000).toISOString();
    const { body } = await make(call, { scopes: ['customers.read'], expiresAt: soon });
    const key = api.withToken(body.secret);
    expect((await key('GET', '/api/customers')).status).toBe(200);
    await api.orm.em.fork().nativeUpdate(ApiKey, { id: body.apiKey.id }, { expiresAt: new Date() });
    expect((await key('GET', '/api/customers')).status).toBe(401);
    const { body: other } = await make(call, { scopes: ['customers.read'] });
    expect((await call('DELETE', `/api/api-keys/${other.apiKey.id}`)).status).toBe(204);
    expect((await api.withToken(other.secret)('GET', '/api/customers')).status).toBe(401);
    expect((await api.withToken(`mpk_${'x'.repeat(43)}`)('GET', '/api/customers')).status).toBe(401);
  });

  test('of a customer sees that customer alone', async () => {
    const { customer, call } = await customerLogin(api);
    await api.admin('POST', '/api/customers', { body: { name: 'O', email: 'o@example.com' } });
    const { body } = await make(call, { scopes: ['customers.read'] });
    const { body: list } = await api.withToken(body.secret)('GET', '/api/customers');
    expect(list).toMatchObject({ total: 1, items: [{ id: customer.id }] });
  });

  test('of an administrator of the platform stays in its tenant and makes no other administrator', async () => {
    const { body: tenant } = await api.admin('POST', '/api/tenants', { body: { name: 'Elsewhere' } });
    const { body } = await make(api.admin, { scopes: ['*', 'tenants.read'] });
    const key = api.withToken(body.secret);
    expect((await key('GET', '/api/tenants')).status).toBe(200);
    expect((await key('POST', '/api/tenants', { body: { name: 'N' } })).status).toBe(403);
    expect((await key('GET', '/api/customers', { headers: { 'x-tenant-id': tenant.id } })).status).toBe(404);
    const wish = { name: 'N', email: 'new.root@mpanel.test', roles: ['platform_admin'] };
    expect((await key('POST', '/api/users', { body: wish })).status).toBe(403);
  });

  test('is no sign-in: it makes no keys, and changes no password', async () => {
    const { call } = await person({ roles: ['admin'] });
    const { body } = await make(call, { scopes: ['*'] });
    const key = api.withToken(body.secret);
    expect((await make(key, { scopes: ['*'] })).status).toBe(403);
    expect((await key('GET', '/api/api-keys')).status).toBe(403);
    const change = { currentPassword: 'a long password', password: 'another long one' };
    expect((await key('POST', '/api/auth/password', { body: change })).status).toBe(403);
    expect((await key('POST', '/api/auth/logout')).status).toBe(403);
  });

  test('does not become a sign-in: it sets nobody’s password and takes nobody’s second factor off', async () => {
    const { call, id } = await person({ roles: ['admin'] });
    const { body } = await make(call, { scopes: ['users.read', 'users.write'] });
    const key = api.withToken(body.secret);
    const { id: other } = await staff();
    for (const user of [id, other])
      expect((await key('PUT', `/api/users/${user}`, { body: { password: 'set by a program' } })).status).toBe(403);
    expect((await key('DELETE', `/api/users/${other}/second-factor`)).status).toBe(403);
    expect((await key('PUT', `/api/users/${id}`, { body: { name: 'Renamed' } })).status).toBe(403);
    expect((await key('PUT', `/api/users/${other}`, { body: { name: 'Renamed' } })).status).toBe(200);
    const noted = { action: 'user.updated', actorType: 'api_key' as const, actorId: body.apiKey.id };
    expect(await api.orm.em.fork().count(AuditEvent, noted)).toBe(1);
  });

  test('goes with its owner', async () => {
    const { id, call } = await staff('customers.read');
    await make(call, { scopes: ['customers.read'] });
    expect((await api.admin('DELETE', `/api/users/${id}`)).status).toBe(204);
  });
});

describe('Making one', () => {
  test('403 for more than one has, 422 for what there is not, and for one that is over', async () => {
    const { call } = await staff('customers.read');
    expect((await make(call, { scopes: ['customers.write'] })).status).toBe(403);
    expect((await make(call, { scopes: ['*'] })).status).toBe(403);
    expect((await make(call, { scopes: ['customers.fly'] })).status).toBe(422);
    const past = new Date(Date.now() - 1).toISOString();
    expect((await make(call, { scopes: ['customers.read'], expiresAt: past })).status).toBe(422);
  });

  test('another’s key is not there, nor is there one in a tenant that is only acted in', async () => {
    const [mine, other] = [await staff('customers.read'), await staff('customers.read')];
    const { body } = await make(mine.call, { scopes: ['customers.read'] });
    expect((await other.call('DELETE', `/api/api-keys/${body.apiKey.id}`)).status).toBe(404);
    expect((await other.call('GET', '/api/api-keys')).body.total).toBe(0);
    const { body: tenant } = await api.admin('POST', '/api/tenants', { body: { name: 'Acted in' } });
    const headers = { 'x-tenant-id': tenant.id };
    const made = await api.admin('POST', '/api/api-keys', { headers, body: { name: 'x', scopes: ['*'] } });
    expect(made.status).toBe(404);
  });
});
