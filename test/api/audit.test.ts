import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import { AuditEvent } from '../../db/entities/index.ts';
import { verifyChain } from '../../db/queries/audit-chain.ts';
import { untold } from '../support/audit-replay.ts';
import { examplesOf, opensPages } from './examples.ts';
import { ADMIN, type Api, type Caller, customerLogin, PERSON, startApi, stock } from './support.ts';

let api: Api;
let shop: Awaited<ReturnType<typeof stock>>;
let exampleOf: ReturnType<typeof examplesOf>;
let adminId: string;

beforeAll(async () => {
  api = await startApi({ UNPAID_ORDERS_MAX: '1000', PAYMENT_WINDOW_SECONDS: '86400' });
  shop = await stock(api, 60);
  const { body } = await api.admin('POST', '/api/customers', { body: { ...PERSON, email: 'shop@example.com' } });
  opensPages(api);
  exampleOf = examplesOf(api, shop, body.id);
  adminId = (await api.admin('GET', '/api/auth/me')).body.id;
});
afterAll(() => api.close());

const log = (where: object) => api.orm.em.fork().find(AuditEvent, where, { orderBy: { seq: 'asc' } });

/** They change nothing that lasts. */
const QUIET = ['POST /jobs/:id/events/ticket', 'POST /orders/:id/timeline/ticket'];
/** What they change is no row that is told of: they are named. */
const NAMED_ONLY = [
  'POST /jobs/:id/retry', 'POST /jobs/:id/skip', 'POST /jobs/:id/give-up', 'POST /cloudpods/:id/reveal', 'POST /email/mailboxes/:id/reveal',
  'POST /cloudpods/:id/unsuspend', 'POST /ssl/certificates/:id/renew', 'POST /guardian/scan',
  'POST /auth/logout', 'POST /auth/second-factor', 'POST /auth/second-factor/confirm', 'POST /auth/second-factor/off',
  'POST /users/:id/invite', 'DELETE /users/:id/second-factor',
]; // biome-ignore format: a list
// What is for anybody acts for whom it recognises: the tests of signing in look at that.
const mutating = mpanelRoutes
  .filter(({ method, permission }) => method !== 'get' && permission !== 'public')
  .map(({ method, path }) => [`${method.toUpperCase()} ${path}`, method, path] as const)
  .filter(([name]) => !QUIET.includes(name));

describe('Every route that changes something', () => {
  test.each(mutating)(
    '%s is told: who, from where, on which request, what before and after',
    async (name, method, path) => {
      const wish = await exampleOf(method, path);
      const requestId = randomUUID();
      const nameless = await log({ requestId: null });
      const headers = { 'x-request-id': requestId };
      const { id: actorId, call } = wish.as ?? { id: adminId, call: api.admin };
      const answer = await call(method.toUpperCase(), `/api${wish.path}`, {
        headers,
        ...(wish.body && { body: wish.body }),
      });
      expect([answer.status < 300, answer.text]).toEqual([true, expect.any(String)]);
      // The double of the engine is the one that writes there.
      if (path !== '/payments/session') expect(await log({ requestId: null })).toHaveLength(nameless.length);
      const events = await log({ requestId });
      expect(events.length).toBeGreaterThan(0);
      for (const event of events)
        expect(event).toMatchObject({
          actorType: 'user',
          actorId,
          address: expect.stringMatching(/127\.0\.0\.1/),
        });
      const changed = events.filter(({ before, after }) => before || after);
      expect(changed.length > 0).toBe(!NAMED_ONLY.includes(name));
      if (method === 'put') expect(changed[0]).toMatchObject({ before: expect.anything(), after: expect.anything() });
      expect(JSON.stringify(events)).not.toMatch(
        /\$argon2|ARGON2ID|SecurePass123|AnotherPass456|a long enough password|a password of their own/,
      );
    },
  );

  test('leaves a log from which all rows follow, and whose chains are whole', async () => {
    expect(await untold(api.orm.em.fork())).toEqual([]);
    expect(await verifyChain(api.orm.em.fork(), shop.tenantId)).not.toHaveProperty('problem');
  });

  test('a change that goes past the log is seen', async () => {
    const em = api.orm.em.fork();
    await em.execute(
      `set session_replication_role = replica; update product set name = 'quietly' where sku = 'MAIL'; set session_replication_role = origin`,
    );
    expect(await untold(em)).toEqual([expect.stringMatching(/^product .*quietly/)]);
  });
});

test('signing in is told, and so is a wrong password, in the name of the login', async () => {
  const requestId = randomUUID();
  const body = { ...ADMIN, password: 'not their password' };
  await api.anyone('POST', '/api/auth/login', { body, headers: { 'x-request-id': requestId } });
  expect(await log({ requestId })).toMatchObject([
    { action: 'user.sign_in_failed', actorType: 'user', actorId: adminId },
  ]);
  expect((await log({ action: 'user.signed_in' })).length).toBeGreaterThan(0);
});

describe('GET /audit', () => {
  const list = async (query: string, caller: Caller = api.admin) =>
    (await caller('GET', `/api/audit?${query}`)).body as { items: Record<string, string>[]; total: number };

  test('filters by actor, type, resource and time, a page at a time', async () => {
    const requestId = randomUUID();
    const body = { ...PERSON, email: 'filtered@example.com' };
    const made = (await api.admin('POST', '/api/customers', { body, headers: { 'x-request-id': requestId } })).body;
    await api.admin('PUT', `/api/customers/${made.id}`, { body: { name: 'Renamed' } });
    const own = await list(`resourceId=${made.id}`);
    expect(own).toMatchObject({
      total: 2,
      items: [
        { action: 'customer.updated', before: { name: 'John Doe' }, after: { name: 'Renamed' } },
        {
          action: 'customer.created',
          before: null,
          actorId: adminId,
          actorType: 'user',
          requestId,
          tenantId: shop.tenantId,
        },
      ],
    });
    const [updated, created] = own.items as [Record<string, string>, Record<string, string>];
    expect((await list(`resourceId=${made.id}&type=customer.c`)).items).toEqual([created]);
    expect((await list(`resourceId=${made.id}&type=customer`)).total).toBe(2);
    expect((await list(`resourceId=${made.id}&type=ustomer`)).total).toBe(0);
    expect((await list(`resourceId=${made.id}&actorId=${adminId}&resourceType=customer`)).total).toBe(2);
    expect((await list(`resourceId=${made.id}&resourceType=order`)).total).toBe(0);
    expect((await list(`actorId=${randomUUID()}`)).total).toBe(0);
    expect((await list(`resourceId=${made.id}&since=${updated.createdAt}`)).items).toEqual([updated]);
    expect((await list(`resourceId=${made.id}&until=${created.createdAt}`)).items).toEqual([created]);
    expect((await list(`resourceId=${made.id}&pageSize=1&page=2`)).items).toEqual([created]);
    expect((await list(`resourceId=${made.id}&sort=createdAt`)).items).toEqual([created, updated]);
  });

  test.each(['actorId=me', 'type=%25', 'since=yesterday', 'until=1', 'resourceid=x'])('400 for %s', async (query) => {
    expect((await api.admin('GET', `/api/audit?${query}`)).status).toBe(400);
  });

  test('is there for administrators, for staff who were given it, in another tenant for the platform', async () => {
    const staff = async (permissions: string[]) => {
      const login = { email: `${randomUUID()}@mpanel.test`, password: 'a staff password' };
      await api.admin('POST', '/api/users', { body: { ...login, name: 'S', roles: ['staff'], permissions } });
      return api.signIn(login);
    };
    expect((await (await staff(['audit.read']))('GET', '/api/audit')).status).toBe(200);
    expect((await (await staff(['customers.read']))('GET', '/api/audit')).status).toBe(404);
    expect((await (await customerLogin(api)).call('GET', '/api/audit')).status).toBe(404);
    const { body: tenant } = await api.admin('POST', '/api/tenants', { body: { name: 'Elsewhere' } });
    const there = await api.admin('GET', '/api/audit', { headers: { 'x-tenant-id': tenant.id } });
    expect(there.body).toMatchObject({ total: 1, items: [{ action: 'tenant.created', actorId: adminId }] });
  });
});
