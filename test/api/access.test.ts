import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import { Customer, Invoice, Job, Mailbox, Order, Tenant, User } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { estate } from './estate.ts';
import { type Api, type Caller, customerLogin, PERSON, startApi, stock } from './support.ts';

// Every route on rows that are there, as those who may not know of them.

let api: Api;
let foreignAdmin: Caller;
let stranger: Caller;
let ids: Record<string, string>;

const PUBLIC = [
  'GET /health',
  'POST /auth/login',
  'POST /auth/login/second-factor',
  'POST /auth/refresh',
  'GET /auth/oidc/:id/start',
  'GET /auth/oidc/:id/callback',
  'POST /auth/oidc/finish',
  'POST /auth/oidc/:id/logout',
  'POST /auth/password/forgot',
  'POST /auth/password/reset',
  'POST /payments/stripe/webhook',
];

beforeAll(async () => {
  api = await startApi();
  const shop = await stock(api);
  const { customer } = await customerLogin(api);
  stranger = (await customerLogin(api, { ...PERSON, email: 'stranger@example.com' })).call;
  const own = await estate(api, { ...shop, customerId: customer.id });
  const items = [{ productId: shop.products.pod.id, billingCycle: 'monthly', quantity: 1 }];
  const { body: order } = await api.admin('POST', '/api/orders', { body: { customerId: customer.id, items } });
  const mailbox = { domainId: own.domain, localPart: 'support', password: 'SecurePass123!' };
  const { body: box } = await api.admin('POST', '/api/email/mailboxes', { body: mailbox });
  const record = { type: 'A', name: 'www', content: '10.1.10.50', ttl: 300 };
  const { body: made } = await api.admin('POST', `/api/dns/zones/${own.zone}/records`, { body: record });
  const servers = await api.admin('GET', '/api/servers');
  const users = await api.admin('GET', '/api/users');
  const { body: key } = await api.admin('POST', '/api/api-keys', { body: { name: 'key', scopes: ['users.read'] } });
  const { body: connection } = await api.admin('POST', '/api/oidc-connections', {
    body: {
      name: 'Provider',
      issuer: 'https://id.example.com',
      clientId: 'mpanel',
      clientSecret: 'secret',
      roleRules: [{ value: 'admins', role: 'admin' }],
    },
  });
  ids = {
    '/api-keys/:id': key.apiKey.id,
    '/oidc-connections/:id': connection.id,
    '/tenants/:id': shop.tenantId,
    '/users/:id': users.body.items[0].id,
    '/customers/:id': customer.id,
    '/products/:id': shop.products.pod.id,
    '/orders/:id': order.order.id,
    '/invoices/:id': order.invoice.id,
    '/subscriptions/:id': own.subscription,
    '/cloudpods/:id': own.pod,
    '/jobs/:id': order.order.jobId,
    '/servers/:id': servers.body.items[0].id,
    '/domains/:id': own.domain,
    '/dns/zones/:id': own.zone,
    ':recordId': made.record.id,
    '/email/mailboxes/:id': box.mailbox.id,
    '/ssl/certificates/:id': own.certificate,
  };
  const em = api.orm.em.fork();
  const other = em.create(Tenant, { id: newId(), name: 'Other' });
  await em.flush();
  const login = { email: 'admin@other.test', password: 'other admin password' };
  const headers = { 'x-tenant-id': other.id };
  await api.admin('POST', '/api/users', { headers, body: { ...login, name: 'O', roles: ['admin'] } });
  foreignAdmin = await api.signIn(login);
});
afterAll(() => api.close());

/** The route's path with the ids of rows of the first customer. */
function pathOf(path: string): string {
  const [prefix = ''] = /^.*?:id/.exec(path) ?? [];
  const filled = path
    .replace(/:id\b/, ids[prefix] ?? `no id for ${prefix}`)
    .replace(':recordId', ids[':recordId'] as string);
  return `/api${filled}`;
}

/** A body that the route's schema takes, as far as the refusal must not hang on it. */
const BODIES: Record<string, object> = {
  'PATCH /invoices/:id/status': { status: 'paid' },
  'POST /subscriptions/:id/cancel': { cancelAtPeriodEnd: false },
  'POST /jobs/:id/skip': { reason: 'x' },
  'POST /jobs/:id/give-up': { reason: 'x' },
  'POST /domains/:id/renew': { years: 1 },
  'POST /dns/zones/:id/records': { type: 'A', name: 'x', content: '10.0.0.1', ttl: 300 },
  'PUT /customers/:id': {},
  'PUT /domains/:id': {},
  'PUT /products/:id': {},
  'PUT /users/:id': {},
  'PUT /email/mailboxes/:id': {},
  'PUT /dns/zones/:id/records/:recordId': {},
};

const keyOf = ({ method, path }: { method: string; path: string }) => `${method.toUpperCase()} ${path}`;
const call = (caller: Caller, route: { method: string; path: string }) => {
  const body = BODIES[keyOf(route)];
  return caller(route.method.toUpperCase(), pathOf(route.path), body ? { body } : {});
};

const guarded = mpanelRoutes.filter((route) => !PUBLIC.includes(keyOf(route)));
const rows = guarded.filter(({ path }) => path.includes(':id'));

async function fingerprint(): Promise<string> {
  const em = api.orm.em.fork();
  const tables = await Promise.all(
    [Customer, Invoice, Job, Mailbox, Order, User].map((entity) =>
      em.find(entity as typeof Job, {}, { orderBy: { id: 'asc' } }),
    ),
  );
  return JSON.stringify(tables);
}

test('only these are for anybody', () => {
  expect(
    mpanelRoutes
      .filter(({ permission }) => permission === 'public')
      .map(keyOf)
      .sort(),
  ).toEqual([...PUBLIC].sort());
});

test('401 for nobody, everywhere', async () => {
  const answers = await Promise.all(
    guarded.map(async (route) => [keyOf(route), (await call(api.anyone, route)).status]),
  );
  expect(answers.filter(([, status]) => status !== 401)).toEqual([]);
});

test('404, the same bytes as for what is not there, for another tenant’s administrator; nothing changes', async () => {
  const before = await fingerprint();
  const missing = (await foreignAdmin('GET', `/api/customers/${newId()}`)).text;
  const wrong = [];
  for (const route of rows) {
    const { status, text } = await call(foreignAdmin, route);
    if (status !== 404 || text !== missing) wrong.push([keyOf(route), status, text]);
  }
  expect(wrong).toEqual([]);
  expect(await fingerprint()).toBe(before);
});

test('404 for another customer of the tenant, but for products, which all may see', async () => {
  const before = await fingerprint();
  const wrong = [];
  for (const route of rows) {
    const { status } = await call(stranger, route);
    const wanted = !route.path.startsWith('/products') ? 404 : route.method === 'get' ? 200 : 403;
    if (status !== wanted) wrong.push([keyOf(route), status]);
  }
  expect(wrong).toEqual([]);
  expect(await fingerprint()).toBe(before);
});

test('lists show another tenant nothing', async () => {
  const lists = guarded.filter(
    ({ method, path, query }) => method === 'get' && query && !path.includes(':') && path !== '/domains/search',
  );
  const totals = await Promise.all(
    lists.map(async (route) => [route.path, (await call(foreignAdmin, route)).body.total]),
  );
  const platform = ['/tenants', '/servers', '/system/events'];
  /** Themselves, and that the tenant and they came to be and that they signed in. */
  const own: Record<string, number> = { '/users': 1, '/audit': 3 };
  expect(totals.filter(([path, total]) => total !== (platform.includes(path) ? undefined : (own[path] ?? 0)))).toEqual(
    [],
  );
});
