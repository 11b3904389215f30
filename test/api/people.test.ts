import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AuditEvent } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { type Api, type Caller, customerLogin, PERSON, startApi, stock } from './support.ts';

let api: Api;
let shop: Awaited<ReturnType<typeof stock>>;
beforeAll(async () => {
  api = await startApi();
  shop = await stock(api);
});
afterAll(() => api.close());

async function staff(name: string, permissions: string[]): Promise<Caller> {
  const login = { email: `${name}@mpanel.test`, password: 'a staff password' };
  await api.admin('POST', '/api/users', { body: { ...login, name, roles: ['staff'], permissions } });
  return api.signIn(login);
}

describe('Customers', () => {
  test('201 created, 200 read back, found, changed, audited', async () => {
    const { status, body } = await api.admin('POST', '/api/customers', { body: PERSON });
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...PERSON, status: 'active' });
    expect((await api.admin('GET', `/api/customers/${body.id}`)).body).toEqual(body);
    const found = async (search: string) => (await api.admin('GET', `/api/customers?search=${search}`)).body.total;
    expect([await found('ohn+D'), await found('JOHN@'), await found('%25'), await found('j_hn')]).toEqual([1, 1, 0, 0]);
    const changed = await api.admin('PUT', `/api/customers/${body.id}`, { body: { phone: '+44 20 7946 0000' } });
    expect([changed.status, changed.body]).toEqual([200, { ...body, phone: '+44 20 7946 0000' }]);
    const events = await api.orm.em.fork().find(AuditEvent, { resourceId: body.id }, { orderBy: { id: 'asc' } });
    expect(events.map(({ action }) => action)).toEqual(['customer.created', 'customer.updated']);
  });

  test('409 for an e-mail address in use, whatever its case', async () => {
    const body = { ...PERSON, email: 'taken@example.com' };
    expect((await api.admin('POST', '/api/customers', { body })).status).toBe(201);
    const again = await api.admin('POST', '/api/customers', { body: { ...body, email: 'Taken@Example.com' } });
    expect([again.status, again.body.error.code]).toEqual([409, 'EMAIL_TAKEN']);
  });

  test.each([
    ['no name', { email: 'a@example.com' }],
    ['an e-mail address that is none', { ...PERSON, email: 'nobody' }],
    ['a country that is none', { ...PERSON, address: { ...PERSON.address, country: 'Florida' } }],
    ['an unknown field', { ...PERSON, vip: true }],
    ['a line break in the name', { ...PERSON, name: 'John\r\nBcc: everybody' }],
  ])('422 for %s', async (_, body) => {
    const { status, body: refused } = await api.admin('POST', '/api/customers', { body });
    expect([status, refused.error.code]).toEqual([422, 'VALIDATION_FAILED']);
    expect(refused.error.details.issues.length).toBeGreaterThan(0);
  });

  test('pages are disjoint and in order', async () => {
    for (let i = 0; i < 5; i++)
      await api.admin('POST', '/api/customers', { body: { name: `Page ${i}`, email: `page${i}@example.com` } });
    const page = async (n: number) =>
      (await api.admin('GET', `/api/customers?search=Page&pageSize=2&page=${n}&sort=createdAt`)).body;
    const pages = [await page(1), await page(2), await page(3), await page(4)];
    expect(pages.map(({ items }) => items.map((row: { name: string }) => row.name))).toEqual([
      ['Page 0', 'Page 1'],
      ['Page 2', 'Page 3'],
      ['Page 4'],
      [],
    ]);
    expect(pages.map(({ total }) => total)).toEqual([5, 5, 5, 5]);
  });

  test('a customer sees and changes itself alone', async () => {
    const { customer, call } = await customerLogin(api, { ...PERSON, email: 'self@example.com' });
    expect((await call('GET', '/api/customers')).body).toMatchObject({ total: 1, items: [{ id: customer.id }] });
    expect((await call('PUT', `/api/customers/${customer.id}`, { body: { name: 'Me' } })).body.name).toBe('Me');
    expect((await call('PUT', `/api/customers/${customer.id}`, { body: { status: 'active' } })).status).toBe(403);
    expect((await call('POST', '/api/customers', { body: { name: 'X', email: 'x@example.com' } })).status).toBe(403);
    const { body: other } = await api.admin('POST', '/api/customers', {
      body: { name: 'O', email: `${newId()}@example.com` },
    });
    expect((await call('GET', `/api/customers/${other.id}`)).status).toBe(404);
    expect((await call('PUT', `/api/customers/${other.id}`, { body: { name: 'Y' } })).status).toBe(404);
  });
});

describe('Users', () => {
  test('201 created, 200 read back and changed, 204 deleted', async () => {
    const login = { email: 'op@mpanel.test', password: 'operator password' };
    const body = { ...login, name: 'Op', roles: ['staff'], permissions: ['customers.read'] };
    const made = await api.admin('POST', '/api/users', { body });
    expect(made.status).toBe(201);
    expect(made.text).not.toContain('argon2');
    expect((await api.admin('GET', `/api/users/${made.body.id}`)).body).toEqual(made.body);
    const call = await api.signIn(login);
    expect((await call('GET', '/api/customers')).status).toBe(200);
    expect((await call('POST', '/api/customers', { body: PERSON })).status).toBe(403);
    expect((await call('GET', '/api/products')).status).toBe(404);
    await api.admin('PUT', `/api/users/${made.body.id}`, { body: { permissions: ['products.read'] } });
    expect((await call('GET', '/api/customers')).status).toBe(404);
    expect((await call('GET', '/api/products')).status).toBe(200);
    expect((await api.admin('DELETE', `/api/users/${made.body.id}`)).status).toBe(204);
    expect((await call('GET', '/api/products')).status).toBe(401);
    expect((await api.admin('GET', `/api/users/${made.body.id}`)).status).toBe(404);
  });

  test('a new password ends the sessions', async () => {
    const login = { email: 'changes@mpanel.test', password: 'first password' };
    const { body } = await api.admin('POST', '/api/users', { body: { ...login, name: 'C', roles: ['staff'] } });
    const { refreshToken } = (await api.anyone('POST', '/api/auth/login', { body: login })).body;
    await api.admin('PUT', `/api/users/${body.id}`, { body: { password: 'second password' } });
    expect((await api.anyone('POST', '/api/auth/refresh', { body: { refreshToken } })).status).toBe(401);
    expect((await api.anyone('POST', '/api/auth/login', { body: login })).status).toBe(401);
  });

  test('a login stays with its customer', async () => {
    const { customer } = await customerLogin(api, { ...PERSON, email: 'stays@example.com' });
    const { body: other } = await api.admin('POST', '/api/customers', {
      body: { name: 'O', email: `${newId()}@example.com` },
    });
    const { items } = (await api.admin('GET', '/api/users?pageSize=200')).body;
    const { id } = items.find((user: { customerId: string | null }) => user.customerId === customer.id);
    const staffId = items.find((user: { customerId: string | null }) => user.customerId === null).id;
    const put = (user: string, customerId: string) =>
      api.admin('PUT', `/api/users/${user}`, { body: { name: 'Renamed', customerId } });
    expect((await put(id, customer.id)).body).toMatchObject({ name: 'Renamed', customerId: customer.id });
    for (const refused of [await put(id, other.id), await put(staffId, customer.id)])
      expect([refused.status, refused.body.error.code]).toEqual([409, 'WRONG_STATE']);
    expect((await api.admin('GET', `/api/users/${id}`)).body.customerId).toBe(customer.id);
  });

  test('nobody gives more than they have', async () => {
    const call = await staff('granter', ['users.read', 'users.write', 'customers.read']);
    const give = (fields: object) =>
      call('POST', '/api/users', {
        body: { name: 'N', email: `${newId()}@mpanel.test`, password: 'some password', ...fields },
      });
    expect((await give({ roles: ['staff'], permissions: ['customers.read'] })).status).toBe(201);
    expect((await give({ roles: ['staff'], permissions: ['jobs.operate'] })).status).toBe(403);
    expect((await give({ roles: ['admin'] })).status).toBe(403);
    expect((await give({ roles: ['platform_admin'] })).status).toBe(403);
    const root = (await api.admin('GET', '/api/auth/me')).body.id;
    expect((await call('PUT', `/api/users/${root}`, { body: { password: 'taken over now' } })).status).toBe(403);
    expect((await call('DELETE', `/api/users/${root}`)).status).toBe(403);
  });

  test('nobody becomes somebody who may do more: not by their password, and not by a role', async () => {
    const call = await staff('helpdesk', ['users.read', 'users.write', 'customers.read']);
    const login = { email: `${newId()}@mpanel.test`, password: 'the password there was' };
    const above = { ...login, name: 'A', roles: ['staff'], permissions: ['invoices.settle'] };
    const { id } = (await api.admin('POST', '/api/users', { body: above })).body;
    expect((await call('PUT', `/api/users/${id}`, { body: { password: 'taken over now' } })).status).toBe(403);
    expect((await call('PUT', `/api/users/${id}`, { body: { email: 'mine@mpanel.test' } })).status).toBe(403);
    expect((await call('DELETE', `/api/users/${id}`)).status).toBe(403);
    const body = { ...login, email: `${newId()}@mpanel.test`, name: 'R', roles: ['reseller'] };
    expect((await call('POST', '/api/users', { body })).status).toBe(403);
    const { id: own } = (await call('GET', '/api/auth/me')).body;
    for (const changes of [{ roles: ['reseller'] }, { permissions: ['users.read', 'invoices.settle'] }])
      expect((await call('PUT', `/api/users/${own}`, { body: changes })).status).toBe(403);
    expect((await api.anyone('POST', '/api/auth/login', { body: login })).status).toBe(200);
  });

  test('the own password is changed with the one that there is', async () => {
    const call = await staff('careless', ['users.read', 'users.write']);
    const { id } = (await call('GET', '/api/auth/me')).body;
    expect((await call('PUT', `/api/users/${id}`, { body: { password: 'of who found it open' } })).status).toBe(403);
  });

  test('422 for a customer’s login without its customer, and the other way round', async () => {
    const post = async (fields: object) =>
      (
        await api.admin('POST', '/api/users', {
          body: { name: 'N', email: `${newId()}@mpanel.test`, password: 'some password', ...fields },
        })
      ).status;
    expect(await post({ roles: ['customer'] })).toBe(422);
    expect(await post({ roles: ['customer'], customerId: newId() })).toBe(422);
    const { body } = await api.admin('POST', '/api/customers', { body: { name: 'B', email: 'bound@example.com' } });
    expect(await post({ roles: ['staff'], customerId: body.id })).toBe(422);
    expect(await post({ roles: ['customer', 'admin'], customerId: body.id })).toBe(422);
  });
});

describe('Tenants and servers', () => {
  test('201 for a platform administrator; there is no such thing for anybody else', async () => {
    const made = await api.admin('POST', '/api/tenants', { body: { name: 'Example Tenant', status: 'active' } });
    expect(made.status).toBe(201);
    expect((await api.admin('GET', `/api/tenants/${made.body.id}`)).body).toEqual(made.body);
    const login = { email: 'only.admin@mpanel.test', password: 'tenant admin password' };
    await api.admin('POST', '/api/users', { body: { ...login, name: 'A', roles: ['admin'] } });
    const call = await api.signIn(login);
    for (const path of ['/api/tenants', `/api/tenants/${made.body.id}`, '/api/servers'])
      expect((await call('GET', path)).status).toBe(404);
    expect((await call('POST', '/api/tenants', { body: { name: 'Mine' } })).status).toBe(404);
  });

  test('200 servers', async () => {
    const { body } = await api.admin('GET', '/api/servers');
    expect(body).toMatchObject({ total: 1, items: [{ name: 'pve1', role: 'hypervisor', status: 'online' }] });
    expect((await api.admin('GET', `/api/servers/${body.items[0].id}`)).body).toEqual(body.items[0]);
  });
});

describe('Products', () => {
  const PRO = {
    name: 'CloudPod Pro',
    type: 'cloudpod',
    sku: 'CPOD-PRO',
    billingCycles: [{ cycle: 'monthly', price: 19.99, currency: 'USD' }],
    metadata: { cpu: 4, ramMb: 4096, diskGb: 80 },
    status: 'active',
  };

  test('201 as the contract shows it, 200 read back, changed, 204 deleted', async () => {
    const { status, body } = await api.admin('POST', '/api/products', { body: PRO });
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...PRO, metadata: { ...PRO.metadata, kind: 'qemu', image: 'debian-12' } });
    expect((await api.admin('GET', `/api/products/${body.id}`)).body).toEqual(body);
    const billingCycles = [{ cycle: 'yearly', price: 199, currency: 'USD' }];
    const changed = await api.admin('PUT', `/api/products/${body.id}`, { body: { billingCycles, status: 'retired' } });
    expect(changed.body).toMatchObject({ billingCycles, status: 'retired', sku: 'CPOD-PRO' });
    const skus = async (query: string) =>
      (await api.admin('GET', `/api/products?${query}`)).body.items.map((product: { sku: string }) => product.sku);
    expect(await skus('type=cloudpod')).toContain('CPOD-PRO');
    expect(await skus('activeOnly=true')).not.toContain('CPOD-PRO');
    expect((await api.admin('DELETE', `/api/products/${body.id}`)).status).toBe(204);
    expect((await api.admin('GET', `/api/products/${body.id}`)).status).toBe(404);
  });

  test('409 for a SKU in use, and for deleting what was sold', async () => {
    expect((await api.admin('POST', '/api/products', { body: { ...PRO, sku: 'CPOD-MINI' } })).body.error.code).toBe(
      'SKU_TAKEN',
    );
    const { body: customer } = await api.admin('POST', '/api/customers', {
      body: { name: 'B', email: 'buyer@example.com' },
    });
    const items = [{ productId: shop.products.pod.id, billingCycle: 'monthly', quantity: 1 }];
    await api.admin('POST', '/api/orders', { body: { customerId: customer.id, items } });
    const { status, body } = await api.admin('DELETE', `/api/products/${shop.products.pod.id}`);
    expect([status, body.error.code]).toEqual([409, 'PRODUCT_IN_USE']);
  });

  test.each([
    ['metadata of another type', { ...PRO, metadata: { kind: 'ip' } }],
    [
      'more digits than the currency has',
      { ...PRO, billingCycles: [{ cycle: 'monthly', price: 1.005, currency: 'USD' }] },
    ],
    ['one cycle twice', { ...PRO, billingCycles: [PRO.billingCycles[0], PRO.billingCycles[0]] }],
    ['no price', { ...PRO, billingCycles: [] }],
  ])('422 for %s', async (_, body) => {
    expect((await api.admin('POST', '/api/products', { body: { ...body, sku: 'WRONG' } })).status).toBe(422);
  });

  test('422 for changing metadata to what the type does not have, 409 for another type', async () => {
    const path = `/api/products/${shop.products.disk.id}`;
    expect((await api.admin('PUT', path, { body: { metadata: { cpu: 2 } } })).status).toBe(422);
    expect((await api.admin('PUT', path, { body: { type: 'domain' } })).status).toBe(409);
  });

  test('403 for a customer who may only look', async () => {
    const { call } = await customerLogin(api, { ...PERSON, email: 'looker@example.com' });
    expect((await call('GET', '/api/products')).status).toBe(200);
    expect((await call('POST', '/api/products', { body: PRO })).status).toBe(403);
    expect((await call('DELETE', `/api/products/${shop.products.ip.id}`)).status).toBe(403);
  });
});
