import Stripe from 'stripe';
import { z } from 'zod';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import type { Route } from '../../api/http/route.ts';
import { ASKS } from '../../workflows/catalog.ts';
import { examplesOf, opensPages, type Wish } from '../api/examples.ts';
import { ADMIN, type Api, type Caller, PERSON, stock, WEBHOOK_SECRET } from '../api/support.ts';

/** A request that works; its body as an object, or as the bytes that were signed. */
export interface Seed {
  path: string;
  body?: object | string;
  header?: Record<string, string>;
  query?: Record<string, string | number>;
}

/** By method and path of the route: the fuzzer starts from these. */
export type Seeds = ReadonlyMap<string, Seed[]>;

export const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>) => `${method.toUpperCase()} ${path}`;

export type ExampleOf = ReturnType<typeof examplesOf>;

/** A shop with room for so many orders, and requests that it takes. */
export async function openShop(api: Api, orders: number): Promise<ExampleOf> {
  const shop = await stock(api, orders);
  const { body: customer } = await api.admin('POST', '/api/customers', { body: PERSON });
  opensPages(api);
  knowsDomains(api);
  return examplesOf(api, shop, customer.id);
}

/** What links start from, made often enough to be followed. */
export async function creates(exampleOf: ExampleOf, each: number): Promise<Seeds> {
  const found = new Map<string, Seed[]>();
  for (const route of mpanelRoutes.filter(isCreate))
    found.set(nameOf(route), await times(each, () => exampleOf(route.method, route.path)));
  return found;
}

const isCreate = ({ method, responses, permission }: Route): boolean =>
  method === 'post' && permission !== 'public' && 201 in responses;

/** Rows that exist for every route, so that none is only ever asked for what is not there. */
export async function seeds(api: Api, exampleOf: ExampleOf, each: number): Promise<Seeds> {
  const other = await anotherAdministrator(api);
  const found = new Map<string, Seed[]>(await forNobody(api, other));
  found.set('GET /domains/search', [{ path: '/domains/search', query: { q: 'example.com' } }]);
  for (const route of mpanelRoutes.filter(({ method, permission }) => method !== 'get' && permission !== 'public'))
    found.set(nameOf(route), await times(each, () => exampleOf(route.method, route.path)));
  await approveOtherwise(await api.signIn(other), found);
  for (const route of mpanelRoutes.filter(
    ({ method, params, permission }) => method === 'get' && params && permission !== 'public',
  ))
    found.set(nameOf(route), await rowsOf(api, route, await times(each, () => exampleOf('post', '/orders'))));
  // What a list shows is taken for every operation: no more than the newest, so that deleting leaves the others theirs.
  for (const route of mpanelRoutes.filter(isList))
    found.set(nameOf(route), [{ path: route.path, query: { pageSize: each } }]);
  for (const [name, body] of Object.entries(OF_ITS_OWN)) found.set(name, [{ path: name.split(' ')[1] ?? '', body }]);
  return found;
}

const isList = ({ method, params, query }: Route): boolean =>
  method === 'get' && !params && query instanceof z.ZodObject && 'pageSize' in query.shape;

/** What is about the caller's own login. */
const OF_ITS_OWN = {
  'POST /auth/password': { currentPassword: ADMIN.password, password: ADMIN.password },
  'POST /auth/second-factor': { password: ADMIN.password },
};

/** The engine answers as the registry does for a name that can be had. */
function knowsDomains({ engine }: Api): void {
  const others = engine.answer;
  engine.answer = (question, input) =>
    question === ASKS.domain ? { available: true, reason: null } : others(question, input);
}

const SIDES = { tenant: 'platform', platform: 'tenant' };

/**
 * A remediation takes two people, and the walk has one, whose approval for one side uses it up for the other. So somebody
 * else has given the other one already of each that either operation starts from.
 */
async function approveOtherwise(other: Caller, found: Map<string, Seed[]>): Promise<void> {
  for (const [side, theirs] of Object.entries(SIDES))
    for (const { path } of found.get(`POST /guardian/remediations/:id/approve-${side}`) ?? []) {
      const { status, text } = await other('POST', `/api${path.replace(`approve-${side}`, `approve-${theirs}`)}`);
      if (status !== 202) throw new Error(`${theirs} does not approve: ${text}`);
    }
}

/** What takes no session. */
async function forNobody(api: Api, other: Login): Promise<[string, Seed[]][]> {
  const { body } = await api.anyone('POST', '/api/auth/login', { body: other });
  const event = JSON.stringify({ id: 'evt_1', object: 'event', type: 'charge.updated', data: { object: {} } });
  const signature = new Stripe('sk_test_none').webhooks.generateTestHeaderString({
    payload: event,
    secret: WEBHOOK_SECRET,
  });
  return [
    ['POST /auth/login', [{ path: '/auth/login', body: ADMIN }]],
    ['POST /auth/password/forgot', [{ path: '/auth/password/forgot', body: { email: ADMIN.email } }]],
    ['POST /auth/refresh', [{ path: '/auth/refresh', body: { refreshToken: body.refreshToken } }]],
    [
      'POST /payments/stripe/webhook',
      [{ path: '/payments/stripe/webhook', body: event, header: { 'Stripe-Signature': signature } }],
    ],
  ];
}

type Login = { email: string; password: string };

/** Whose sessions last, for they do not change the password meanwhile. */
async function anotherAdministrator(api: Api): Promise<Login> {
  const login = { email: 'other.admin@mpanel.test', password: 'the other long password' };
  await api.admin('POST', '/api/users', { body: { ...login, name: 'Other', roles: ['platform_admin'] } });
  return login;
}

async function times<T>(n: number, make: () => T | Promise<T>): Promise<T[]> {
  const all: T[] = [];
  while (all.length < n) all.push(await make());
  return all;
}

/** Of what the list above a row shows (/domains for /domains/:id), or, as orders have none, of what a POST there makes. */
async function rowsOf(api: Api, { path }: Route, made: readonly Wish[]): Promise<Wish[]> {
  const above = `/api${path.slice(0, path.indexOf('/:'))}`;
  const { status, body } = await api.admin('GET', `${above}?pageSize=${made.length || 1}`);
  const rows: { id: string }[] = status === 200 ? (body.items ?? body) : [];
  for (const wish of status === 200 ? [] : made) rows.push((await api.admin('POST', above, wish)).body.order);
  return rows.map(({ id }) => ({ path: path.replace(/:\w+/, id) }));
}
