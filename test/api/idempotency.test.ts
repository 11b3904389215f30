import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import type { Route } from '../../api/http/route.ts';
import { CheckoutSession, EmailDomain, IdempotencyKey, Instance, Job, Subscription } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { estate } from './estate.ts';
import { type Answer, type Api, type Caller, PERSON, startApi, stock } from './support.ts';

// Every POST with an effect, on rows of its own for each request.

let api: Api;
let shop: Awaited<ReturnType<typeof stock>>;
let customerId: string;
let second: Caller;

beforeAll(async () => {
  api = await startApi({ UNPAID_ORDERS_MAX: '1000', PAYMENT_WINDOW_SECONDS: '86400' });
  shop = await stock(api, 120);
  customerId = (await api.admin('POST', '/api/customers', { body: PERSON })).body.id;
  const login = { email: 'second@mpanel.test', password: 'second admin password' };
  await api.admin('POST', '/api/users', { body: { ...login, name: 'S', roles: ['platform_admin'] } });
  second = await api.signIn(login);
  let pages = 0;
  api.engine.answer = async (_, input) => {
    const [stripeId, url] = [`cs_${++pages}`, `https://checkout.stripe.com/pay/cs_${pages}`];
    const { sessionId } = input as { sessionId: string };
    await api.orm.em.fork().nativeUpdate(CheckoutSession, { id: sessionId }, { stripeId, url, status: 'open' });
    return { stripeId, url };
  };
});
afterAll(() => api.close());

interface Wish {
  path: string;
  body?: object;
}

const unique = () => newId().slice(-12);
const own = () => estate(api, { ...shop, customerId });
const em = () => api.orm.em.fork();
const order = async () => {
  const items = [{ productId: shop.products.domain.id, billingCycle: 'yearly', config: { domain: `${unique()}.com` } }];
  return (await api.admin('POST', '/api/orders', { body: { customerId, items } })).body;
};
const blocked = (verb: string, body?: object) => async (): Promise<Wish> => {
  const { jobId } = (await order()).order;
  await em().nativeUpdate(Job, { id: jobId }, { status: 'blocked' });
  return { path: `/jobs/${jobId}/${verb}`, ...(body ? { body } : {}) };
};

/** A request that each route takes, never the same one twice. */
const EXAMPLES: Record<string, () => Wish | Promise<Wish>> = {
  '/ssl/certificates': async () => ({ path: '/ssl/certificates', body: { domain: `shop.${(await own()).name}` } }),
  '/ssl/certificates/:id/renew': async () => ({ path: `/ssl/certificates/${(await own()).certificate}/renew` }),
  '/cloudpods': () => ({
    path: '/cloudpods',
    body: { customerId, productId: shop.products.pod.id, name: `pod-${unique()}` },
  }),
  '/cloudpods/:id/suspend': async () => ({ path: `/cloudpods/${(await own()).pod}/suspend` }),
  '/cloudpods/:id/unsuspend': async () => {
    const { pod } = await own();
    await em().nativeUpdate(Instance, { id: pod }, { status: 'suspended' });
    return { path: `/cloudpods/${pod}/unsuspend` };
  },
  '/dns/zones/:id/records': async () => ({
    path: `/dns/zones/${(await own()).zone}/records`,
    body: { type: 'A', name: `host-${unique()}`, content: '10.1.10.50', ttl: 300 },
  }),
  '/domains/register': () => ({
    path: '/domains/register',
    body: { customerId, domain: `${unique()}.com`, years: 1 },
  }),
  '/domains/:id/renew': async () => ({ path: `/domains/${(await own()).domain}/renew`, body: { years: 1 } }),
  '/email/domains': async () => {
    const { domain, email } = await own();
    await em().nativeUpdate(EmailDomain, { id: email }, { status: 'deleted' });
    return { path: '/email/domains', body: { domainId: domain, planProductId: shop.products.email.id } };
  },
  '/email/mailboxes': async () => ({
    path: '/email/mailboxes',
    body: { domainId: (await own()).domain, localPart: `box-${unique()}`, password: 'SecurePass123!' },
  }),
  '/jobs/:id/retry': blocked('retry'),
  '/jobs/:id/skip': blocked('skip', { reason: 'done by hand' }),
  '/jobs/:id/give-up': blocked('give-up', { reason: 'not wanted any more' }),
  '/orders': () => {
    const items = [
      { productId: shop.products.domain.id, billingCycle: 'yearly', config: { domain: `${unique()}.com` } },
    ];
    return { path: '/orders', body: { customerId, items } };
  },
  '/payments/session': async () => ({
    path: '/payments/session',
    body: {
      invoiceId: (await order()).invoice.id,
      successUrl: 'https://a.example/ok',
      cancelUrl: 'https://a.example/no',
    },
  }),
  '/billing/tax-rates': () => ({
    path: '/billing/tax-rates',
    body: {
      country: 'DE',
      rate: 19,
      validFrom: new Date(Date.now() + Math.random() * 1e12).toISOString().slice(0, 10),
    },
  }),
  '/billing/coupons': () => ({ path: '/billing/coupons', body: { code: unique(), kind: 'percent', percent: 10 } }),
  '/tenants': () => ({ path: '/tenants', body: { name: `Tenant ${unique()}` } }),
  '/customers': () => ({ path: '/customers', body: { ...PERSON, email: `${unique()}@example.com` } }),
  '/users': () => ({
    path: '/users',
    body: { email: `${unique()}@example.com`, password: 'a long enough password', name: 'U', roles: ['staff'] },
  }),
  '/products': () => ({
    path: '/products',
    body: {
      type: 'cloudpod',
      sku: `CPOD-${unique().toUpperCase()}`,
      name: 'CloudPod',
      metadata: { cpu: 2, ramMb: 4096, diskGb: 40 },
      billingCycles: [{ cycle: 'monthly', price: 1, currency: 'USD' }],
    },
  }),
  '/subscriptions/:id/cancel': async () => ({
    path: `/subscriptions/${(await own()).subscription}/cancel`,
    body: { cancelAtPeriodEnd: true },
  }),
  '/subscriptions/:id/keep': async () => {
    const { subscription } = await own();
    await api.admin('POST', `/api/subscriptions/${subscription}/cancel`, { body: { cancelAtPeriodEnd: true } });
    await em().findOneOrFail(Subscription, { id: subscription });
    return { path: `/subscriptions/${subscription}/keep` };
  },
};

const posts = mpanelRoutes.filter(({ method, idempotency }) => method === 'post' && idempotency !== 'none');
const examples = posts.map(({ path }) => [path, EXAMPLES[path] ?? missing(path)] as const);

function missing(path: string): never {
  throw new Error(`POST ${path} has no example here`);
}

const send = ({ path, body }: Wish, key: string, call = api.admin): Promise<Answer> =>
  call('POST', `/api${path}`, { headers: { 'idempotency-key': key }, ...(body ? { body } : {}) });

/** How many rows each table has: what a request adds is its effect. */
async function rows(): Promise<Record<string, number>> {
  const tables = Object.values(api.orm.getMetadata().getAll()).map(({ tableName }) => tableName);
  const counts = await Promise.all(
    tables.map(async (table) => {
      const [row] = await em().execute<{ n: number }[]>(`select count(*)::int as n from "${table}"`);
      return [table, row?.n ?? 0] as const;
    }),
  );
  return Object.fromEntries(counts);
}

async function effectOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await rows();
  await work();
  const after = await rows();
  return Object.fromEntries(
    Object.entries(after).flatMap(([table, n]) => (n === before[table] ? [] : [[table, n - (before[table] ?? 0)]])),
  );
}

const replayed = ({ headers }: Answer) => headers.get('idempotency-replayed') === 'true';

describe.each(examples)('POST %s', (_, example) => {
  test('again: the same bytes and no other effect; another request under the key: 422', async () => {
    const [wish, key] = [await example(), unique()];
    const first = await send(wish, key);
    expect([first.status < 300, first.text]).toEqual([true, expect.any(String)]);
    let again: Answer | undefined;
    expect(await effectOf(async () => { again = await send(wish, key); })).toEqual({}); // biome-ignore format: short
    expect([again?.status, again?.text, replayed(again!)]).toEqual([first.status, first.text, true]);

    const other = await example();
    let refused: Answer | undefined;
    expect(await effectOf(async () => { refused = await send(other, key); })).toEqual({}); // biome-ignore format: short
    expect([refused?.status, refused?.body.error.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  test('five at once: the effect of one, and one answer', async () => {
    const [alone, together, key] = [await example(), await example(), unique()];
    const one = await effectOf(() => send(alone, unique()));
    let answers: Answer[] = [];
    const five = await effectOf(async () => {
      answers = await Promise.all([1, 2, 3, 4, 5].map(() => send(together, key)));
    });
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBeLessThan(300);
    expect(five).toEqual(one);
  });

  test('under a key of somebody else, or of a day ago: a request of its own', async () => {
    const [key, theirs] = [unique(), await example()];
    await send(await example(), key);
    const answer = await send(theirs, key, second);
    expect([answer.status < 300, replayed(answer)]).toEqual([true, false]);
    await em().nativeUpdate(IdempotencyKey, { key }, { createdAt: new Date(Date.now() - 24 * 3_600_000 - 1_000) });
    const late = await send(await example(), key);
    expect([late.status < 300, replayed(late)]).toEqual([true, false]);
  });

  test.each([
    ['empty', ''],
    ['too long', 'x'.repeat(256)],
    ['of two words', 'a b'],
    ['with a letter that is not ASCII', 'clé'],
  ])('400 for a key that is %s, and nothing is done', async (_name, key) => {
    const wish = await example();
    expect(
      await effectOf(async () => {
        const { status, body } = await send(wish, key);
        expect([status, body.error.code, body.error.message]).toEqual([
          400,
          'MALFORMED_REQUEST',
          expect.stringContaining('Idempotency-Key'),
        ]);
      }),
    ).toEqual({});
  });
});

test('a key of another tenant is another one, for the same caller too', async () => {
  const { body: tenant } = await api.admin('POST', '/api/tenants', { body: { name: 'Elsewhere' } });
  const [key, body] = [unique(), { ...PERSON, email: `${unique()}@example.com` }];
  const here = await send({ path: '/customers', body }, key);
  const headers = { 'idempotency-key': key, 'x-tenant-id': tenant.id as string };
  const there = await api.admin('POST', '/api/customers', { headers, body });
  expect([here.status, there.status, replayed(there)]).toEqual([201, 201, false]);
  expect(there.body.id).not.toBe(here.body.id);
});

test('whatever makes something by POST honours a key, but for what must not be kept', () => {
  const none = mpanelRoutes.filter(({ method, idempotency }: Route) => method === 'post' && idempotency === 'none');
  expect(none.map(({ path }) => path).sort()).toEqual([
    '/auth/login',
    '/auth/refresh',
    '/cloudpods/:id/reveal',
    '/email/mailboxes/:id/reveal',
    '/payments/stripe/webhook',
  ]);
});
