import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import { examplesOf, opensPages } from './examples.ts';
import { type Answer, type Api, PERSON, startApi, stock } from './support.ts';

// Whatever one endpoint writes, the others show: every route that writes, and every route that reads.

/** Who shows an object, by its name in an answer; `:zone` and the like are taken from the request that wrote it. */
const SHOWN: Record<string, readonly string[]> = {
  apiKey: ['/api-keys'],
  certificate: ['/ssl/certificates'],
  cloudPod: ['/cloudpods', '/cloudpods/:id'],
  coupon: ['/billing/coupons', '/billing/coupons/:id'],
  customer: ['/customers', '/customers/:id'],
  domain: ['/domains', '/domains/:id'],
  emailDomain: ['/email/domains'],
  invoice: ['/invoices', '/invoices/:id'],
  job: ['/jobs', '/jobs/:id'],
  mailbox: ['/email/mailboxes'],
  oidcConnection: ['/oidc-connections'],
  order: ['/orders/:id'],
  product: ['/products', '/products/:id'],
  record: ['/dns/zones/:zone/records'],
  remediation: ['/guardian/remediations'],
  scan: ['/guardian/scans'],
  subscription: ['/subscriptions', '/subscriptions/:id'],
  taxRate: ['/billing/tax-rates'],
  tenant: ['/tenants', '/tenants/:id'],
  user: ['/users', '/users/:id'],
};
/** The object that an answer is, where it does not name it. */
const BARE: Record<string, string> = {
  '/api-keys': 'apiKey',
  '/billing/coupons': 'coupon',
  '/billing/tax-rates': 'taxRate',
  '/customers': 'customer',
  '/dns/zones': 'record',
  '/domains': 'domain',
  '/email/mailboxes': 'mailbox',
  '/guardian/remediations': 'remediation',
  '/invoices': 'invoice',
  '/oidc-connections': 'oidcConnection',
  '/products': 'product',
  '/tenants': 'tenant',
  '/users': 'user',
};
/** Answers without an object that others show, and readings of what no request writes: the test that has them. */
const ELSEWHERE: Record<string, string> = {
  'GET /audit': 'test/api/audit.test.ts',
  'GET /auth/me': 'test/api/session.test.ts',
  'GET /auth/oidc/:id/callback': 'test/api/oidc.test.ts',
  'GET /auth/oidc/:id/start': 'test/api/oidc.test.ts',
  'GET /billing/addons': 'test/api/billing.test.ts',
  'GET /billing/plans': 'test/api/billing.test.ts',
  'GET /dns/zones': 'test/api/services.test.ts',
  'GET /domains/search': 'test/api/services.test.ts',
  'GET /guardian/audit-events': 'test/api/guardian.test.ts',
  'GET /guardian/findings': 'test/api/guardian.test.ts',
  'GET /guardian/summary': 'test/api/guardian.test.ts',
  'GET /health': 'test/api/ready.test.ts',
  'GET /jobs/:id/events': 'test/api/live.test.ts',
  'GET /orders/:id/timeline': 'test/api/live.test.ts',
  'GET /servers': 'test/api/system.test.ts',
  'GET /servers/:id': 'test/api/system.test.ts',
  'GET /ssl/certificates/:id/download': 'test/api/services.test.ts',
  'GET /status': 'test/api/beside-the-contract.test.ts',
  'GET /system/events': 'test/api/payments-shown.test.ts',
  'GET /system/health': 'test/api/system.test.ts',
  'DELETE /users/:id/second-factor': 'test/api/second-factor.test.ts',
  'POST /auth/login': 'test/api/session.test.ts',
  'POST /auth/login/second-factor': 'test/api/second-factor.test.ts',
  'POST /auth/logout': 'test/api/passwords.test.ts',
  'POST /auth/oidc/:id/logout': 'test/api/oidc-sessions.test.ts',
  'POST /auth/oidc/finish': 'test/api/oidc.test.ts',
  'POST /auth/password': 'test/api/passwords.test.ts',
  'POST /auth/password/forgot': 'test/api/passwords.test.ts',
  'POST /auth/password/reset': 'test/api/passwords.test.ts',
  'POST /auth/refresh': 'test/api/session.test.ts',
  'POST /auth/second-factor': 'test/api/second-factor.test.ts',
  'POST /auth/second-factor/confirm': 'test/api/second-factor.test.ts',
  'POST /auth/second-factor/off': 'test/api/second-factor.test.ts',
  'POST /cloudpods/:id/reveal': 'test/api/services.test.ts',
  'POST /email/mailboxes/:id/reveal': 'test/api/services.test.ts',
  'POST /jobs/:id/events/ticket': 'test/api/live.test.ts',
  'POST /orders/:id/timeline/ticket': 'test/api/live.test.ts',
  'POST /payments/session': 'test/api/checkout.test.ts',
  'POST /payments/stripe/webhook': 'test/api/stripe-webhook.test.ts',
};

let api: Api;
let exampleOf: ReturnType<typeof examplesOf>;
beforeAll(async () => {
  api = await startApi({ UNPAID_ORDERS_MAX: '1000', PAYMENT_WINDOW_SECONDS: '86400' });
  const shop = await stock(api, 40);
  exampleOf = examplesOf(api, shop, (await api.admin('POST', '/api/customers', { body: PERSON })).body.id);
  opensPages(api);
});
afterAll(() => api.close());

const names = mpanelRoutes.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
const writing = names.filter((name) => !name.startsWith('GET ') && !ELSEWHERE[name]);
const read = new Set<string>();

type Shown = Record<string, unknown> & { id: string };

/** The objects in an answer, by their names. */
function objectsOf(path: string, { body }: Answer): [string, Shown][] {
  const bare = Object.entries(BARE).find(([collection]) => path.startsWith(collection))?.[1];
  if (bare && typeof body?.id === 'string') {
    const { jobId, ...object } = body;
    return [[bare, object], ...(jobId ? [['job', { id: jobId }] as [string, Shown]] : [])];
  }
  const named = Object.entries<Shown>(body ?? {}).filter(([name, value]) => SHOWN[name] && value);
  return named.map(([name, object]) => [name, name === 'invoice' ? wholeOf(object) : object]);
}

/** Beside an order an invoice is told in short, its total as `amount`. */
const wholeOf = ({ amount, ...rest }: Shown): Shown => (amount === undefined ? rest : { ...rest, total: amount });

/** Each reading of an object: by its id, or in the list. */
async function readings(name: string, id: string, request: string): Promise<[string, Shown | undefined][]> {
  const [, zone = ''] = /^\/dns\/zones\/([^/]+)/.exec(request) ?? [];
  return Promise.all(
    SHOWN[name]!.map(async (path): Promise<[string, Shown | undefined]> => {
      const route = path.replace(':zone', ':id');
      read.add(`GET ${route}`);
      if (path.endsWith('/:id')) {
        const { status, body } = await api.admin('GET', `/api${path.replace(':id', id)}`);
        return [route, status === 200 ? body : undefined];
      }
      const { body } = await api.admin('GET', `/api${path.replace(':zone', zone)}?pageSize=200`);
      return [route, body.items.find((item: Shown) => item.id === id)];
    }),
  );
}

describe.each(writing.map((name) => name.split(' ') as [string, string]))('%s %s', (method, path) => {
  test(method === 'DELETE' ? 'is seen by those who look for it' : 'is shown as it was answered', async () => {
    const { path: request, body } = await exampleOf(method, path);
    const answer = await api.admin(method, `/api${request}`, body ? { body } : {});
    expect([answer.status < 300, answer.text]).toEqual([true, expect.any(String)]);
    const objects = objectsOf(path, answer);
    for (const [name, object] of objects)
      for (const [reader, shown] of await readings(name, object.id, request))
        expect([reader, shown]).toEqual([reader, expect.objectContaining(object)]);
    if (answer.status === 204) await isGone(request);
    else if (objects.length === 0) await isShownAt(path, answer);
  });
});

/** What there is one of. */
async function isShownAt(path: string, { body }: Answer): Promise<void> {
  expect(names).toContain(`GET ${path}`);
  read.add(`GET ${path}`);
  expect((await api.admin('GET', `/api${path}`)).body).toEqual(body);
}

async function isGone(request: string): Promise<void> {
  const [, collection = '', id = ''] = /^(.*)\/([^/]+)$/.exec(request) ?? [];
  for (const [reader, shown] of await readings(BARE[collection] ?? '', id, request))
    expect([reader, shown]).toEqual([reader, undefined]);
}

test('every route that reads has been asked for what another wrote, here or in the test that is named', () => {
  const readers = names.filter((name) => name.startsWith('GET '));
  expect(readers.filter((name) => !read.has(name) && !ELSEWHERE[name])).toEqual([]);
  for (const [name, file] of Object.entries(ELSEWHERE)) {
    expect(names).toContain(name);
    const path = name.split(' ')[1]!.replace(/\/:id.*/, '');
    expect([name, readFileSync(file, 'utf8').includes(path)]).toEqual([name, true]);
  }
});
