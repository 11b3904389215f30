import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import type { Route } from '../../api/http/route.ts';
import { IdempotencyKey } from '../../db/entities/index.ts';
import { examplesOf, opensPages, unique, type Wish } from './examples.ts';
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
  opensPages(api);
  exampleOf = examplesOf(api, shop, customerId);
});
afterAll(() => api.close());

let exampleOf: ReturnType<typeof examplesOf>;
const em = () => api.orm.em.fork();

const posts = mpanelRoutes.filter(({ method, idempotency }) => method === 'post' && idempotency !== 'none');
const examples = posts.map(({ path }) => [path, async () => exampleOf('post', path)] as const);

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
  test('again: the same bytes and no other effect', async () => {
    const [wish, key] = [await example(), unique()];
    const first = await send(wish, key);
    expect([first.status < 300, first.text]).toEqual([true, expect.any(String)]);
    let again: Answer | undefined;
    expect(await effectOf(async () => { again = await send(wish, key); })).toEqual({}); // biome-ignore format: short
    expect([again?.status, again?.text, replayed(again!)]).toEqual([first.status, first.text, true]);
  });

  test('five at once: the effect of one, and one answer', async () => {
    const alone = await example();
    const one = await effectOf(() => send(alone, unique()));
    // Made only now: of some there is one at a time, and this takes the other out of the way.
    const [together, key] = [await example(), unique()];
    let answers: Answer[] = [];
    const five = await effectOf(async () => {
      answers = await Promise.all([1, 2, 3, 4, 5].map(() => send(together, key)));
    });
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBeLessThan(300);
    expect(five).toEqual(one);
  });

  test('under a key of somebody else, or of a day ago: a request of its own', async () => {
    const key = unique();
    await send(await example(), key);
    const answer = await send(await example(), key, second);
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

/** It says nothing but its path: there is no other request to the same. */
const SAYS_NOTHING = '/guardian/scan';

test.each(examples.filter(([path]) => path !== SAYS_NOTHING))(
  'POST %s: another request under the key is 422, and nothing is done',
  async (_, example) => {
    const key = unique();
    expect((await send(await example(), key)).status).toBeLessThan(300);
    const other = await example();
    let refused: Answer | undefined;
    expect(await effectOf(async () => { refused = await send(other, key); })).toEqual({}); // biome-ignore format: short
    expect([refused?.status, refused?.body.error.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  },
);

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
    '/api-keys',
    '/auth/login',
    '/auth/login/second-factor',
    '/auth/logout',
    '/auth/oidc/:id/logout',
    '/auth/oidc/finish',
    '/auth/password',
    '/auth/password/forgot',
    '/auth/password/reset',
    '/auth/refresh',
    '/auth/second-factor',
    '/auth/second-factor/confirm',
    '/auth/second-factor/off',
    '/cloudpods/:id/reveal',
    '/email/mailboxes/:id/reveal',
    '/jobs/:id/events/ticket',
    '/orders/:id/timeline/ticket',
    '/payments/stripe/webhook',
  ]);
});
