import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AuditEvent, OidcLogin, OidcSession, Secret, User } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { type Account, CLIENT, startOpenId } from '../support/openid.ts';
import { type Api, startApi } from './support.ts';

let api: Api;
let openId: Awaited<ReturnType<typeof startOpenId>>;
let connection: string;

const RULES = [
  { value: 'admins', role: 'admin', permissions: [] },
  { value: 'desk', role: 'staff', permissions: ['customers.read'] },
  { value: 'clients', role: 'customer', permissions: [] },
];

beforeAll(async () => {
  api = await startApi();
  openId = await startOpenId();
  const body = { ...CLIENT, name: 'House', issuer: openId.issuer, roleRules: RULES, domains: ['house.test'] };
  const made = await api.admin('POST', '/api/oidc-connections', { body });
  expect(made.status).toBe(201);
  connection = made.body.id;
  const path = `/api/auth/oidc/${connection}`;
  openId.register(`http://127.0.0.1:${api.config.PORT}${path}/callback`, `${api.url}${path}/logout`);
});
afterAll(async () => {
  await openId.close();
  await api.close();
});

let account: Account;
beforeEach(() => {
  const sub = newId();
  account = { sub, email: `${sub}@house.test`, email_verified: true, groups: ['desk'] };
  openId.state.account = account;
});

const manual = (url: string, cookies: string[] = []) =>
  fetch(url, { redirect: 'manual', headers: { cookie: cookies.join('; ') } });
const cookiesOf = (response: Response) => response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]!);

/** A browser that was at the provider, on its way back: with our cookie, and the query that it brings. */
async function goThere() {
  const begun = await manual(`${api.url}/api/auth/oidc/${connection}/start`);
  expect(begun.status).toBe(303);
  const cookie = cookiesOf(begun)[0]!;
  const jar = new Map<string, string>();
  let at = begun.headers.get('location')!;
  const first = new URL(at);
  while (at.startsWith(openId.issuer)) {
    const page = await manual(
      at,
      [...jar].map((pair) => pair.join('=')),
    );
    for (const set of cookiesOf(page)) jar.set(set.slice(0, set.indexOf('=')), set.slice(set.indexOf('=') + 1));
    at = new URL(page.headers.get('location')!, openId.issuer).href;
  }
  return { cookie, first, query: new URL(at).search };
}

async function comeBack({ cookie, query }: { cookie: string; query: string }) {
  const response = await manual(`${api.url}/api/auth/oidc/${connection}/callback${query}`, [cookie]);
  return { status: response.status, text: await response.text(), to: response.headers.get('location') ?? '' };
}

const finish = (cookie: string, to: string) =>
  api.anyone('POST', '/api/auth/oidc/finish', { body: { code: to.split('#')[1] }, headers: { cookie } });

async function signIn() {
  const there = await goThere();
  const back = await comeBack(there);
  expect([back.status, back.text]).toEqual([303, '']);
  return finish(there.cookie, back.to);
}

async function refusedAt(there: { cookie: string; query: string }) {
  const { status, text } = await comeBack(there);
  expect([status, JSON.parse(text).error.code]).toEqual([403, 'SIGN_IN_REFUSED']);
}

describe('Signing in', () => {
  test('makes a login with the roles that the claims give; the next time it is the same one', async () => {
    const { status, body } = await signIn();
    expect(status).toBe(200);
    expect(body.user).toMatchObject({ email: account.email, roles: ['staff'] });
    const me = await api.withToken(body.token)('GET', '/api/auth/me');
    expect(me.body.permissions).toEqual(['customers.read']);
    account.email = `renamed.${account.email}`;
    expect((await signIn()).body.user.id).toBe(body.user.id);
  });

  test('goes by PKCE, state and nonce; the cookie is the browser’s alone, the secret is sealed', async () => {
    const { first, cookie } = await goThere();
    const asked = Object.fromEntries(first.searchParams);
    expect(asked).toMatchObject({ code_challenge_method: 'S256', response_type: 'code' });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[name]).toMatch(/^[\w-]{43}$/);
    const rows = JSON.stringify(await api.orm.em.fork().find(OidcLogin, {}));
    expect(rows).not.toContain(asked.state);
    expect(rows).not.toContain(cookie.split('=')[1]);
    const secrets = await api.orm.em.fork().find(Secret, { purpose: 'OpenID client' });
    expect(secrets.map(({ sealed }) => Buffer.from(sealed as Uint8Array).toString('latin1')).join()).not.toContain(
      CLIENT.clientSecret,
    );
  });

  test('links a login of the tenant by its verified address, and an invited one is active then', async () => {
    const body = { name: 'I', email: account.email, roles: ['staff'] };
    const { body: user } = await api.admin('POST', '/api/users', { body });
    expect((await signIn()).body.user.id).toBe(user.id);
    expect((await api.admin('GET', `/api/users/${user.id}`)).body.status).toBe('active');
  });

  test('a customer’s login is bound to the customer with its address; there has to be one', async () => {
    account.groups = ['clients'];
    await refusedAt(await goThere());
    const { body: customer } = await api.admin('POST', '/api/customers', { body: { name: 'C', email: account.email } });
    const { body } = await signIn();
    const { body: me } = await api.withToken(body.token)('GET', '/api/auth/me');
    expect(me).toMatchObject({ roles: ['customer'], customerId: customer.id });
  });
});

describe('403', () => {
  test('for a state that is wrong, in another browser, and with the cookie of another sign-in', async () => {
    const there = await goThere();
    const other = new URLSearchParams(there.query);
    other.set('state', 'x'.repeat(43));
    await refusedAt({ ...there, query: `?${other}` });
    await refusedAt({ ...there, cookie: '' });
    const [one, two] = [await goThere(), await goThere()];
    await refusedAt({ cookie: one.cookie, query: two.query });
  });

  test('for a callback that is played again, and a code that is', async () => {
    const there = await goThere();
    const { to } = await comeBack(there);
    await refusedAt(there);
    expect((await finish('', to)).status).toBe(403);
    const again = await goThere();
    const back = await comeBack(again);
    expect((await finish(again.cookie, back.to)).status).toBe(200);
    expect((await finish(again.cookie, back.to)).status).toBe(403);
  });

  test('for a nonce that is not ours, and for what took longer than ten minutes', async () => {
    const nonce = await goThere();
    await api.orm.em.fork().nativeUpdate(OidcLogin, {}, { nonce: 'another' });
    await refusedAt(nonce);
    const late = await goThere();
    await api.orm.em.fork().nativeUpdate(OidcLogin, {}, { expiresAt: new Date() });
    await refusedAt(late);
  });

  test('for another verifier of PKCE', async () => {
    const there = await goThere();
    await api.orm.em.fork().nativeUpdate(OidcLogin, {}, { verifier: 'y'.repeat(43) });
    await refusedAt(there);
  });

  test('for an address that is not verified, of another domain, or without any role', async () => {
    account.email_verified = false;
    await refusedAt(await goThere());
    Object.assign(account, { email_verified: true, email: `${account.sub}@elsewhere.test` });
    await refusedAt(await goThere());
    Object.assign(account, { email: `${account.sub}@house.test`, groups: ['strangers'] });
    await refusedAt(await goThere());
    expect(await api.orm.em.fork().count(User, { email: { $like: `%${account.sub}%` } })).toBe(0);
  });

  test('for a login of another tenant, and for an administrator of the platform', async () => {
    const { body: tenant } = await api.admin('POST', '/api/tenants', { body: { name: 'Other' } });
    const headers = { 'x-tenant-id': tenant.id };
    const theirs = { name: 'T', email: account.email, password: 'a long password', roles: ['admin'] };
    const { body: user } = await api.admin('POST', '/api/users', { headers, body: theirs });
    await refusedAt(await goThere());
    const em = api.orm.em.fork();
    expect((await em.findOneOrFail(User, { id: user.id })).roles).toEqual(['admin']);
    Object.assign(account, { sub: newId(), email: 'chief@house.test' });
    const root = { name: 'R', email: account.email, password: 'a long password', roles: ['platform_admin'] };
    await api.admin('POST', '/api/users', { body: root });
    await refusedAt(await goThere());
  });

  test('for a suspended login', async () => {
    const { body } = await signIn();
    await api.admin('PUT', `/api/users/${body.user.id}`, { body: { status: 'suspended' } });
    await refusedAt(await goThere());
  });
});

describe('Roles', () => {
  test('are those of the latest sign-in; what was opened with others ends', async () => {
    account.groups = ['admins'];
    const first = (await signIn()).body;
    expect((await api.withToken(first.token)('GET', '/api/auth/me')).body.permissions).toEqual(['*']);
    account.groups = ['desk'];
    const second = (await signIn()).body;
    expect(second.user.roles).toEqual(['staff']);
    expect((await api.withToken(first.token)('GET', '/api/auth/me')).status).toBe(401);
  });

  test('none any more: refused, and what was open ends', async () => {
    const { body } = await signIn();
    account.groups = [];
    await refusedAt(await goThere());
    expect((await api.withToken(body.token)('GET', '/api/auth/me')).status).toBe(401);
    expect((await api.orm.em.fork().findOneOrFail(User, { id: body.user.id })).roles).toEqual([]);
  });
});

describe('Back-channel logout', () => {
  const post = (token: string) =>
    api.anyone('POST', `/api/auth/oidc/${connection}/logout`, { raw: `logout_token=${token}` });

  test('ends the sessions that came from the provider’s; its token is obeyed once', async () => {
    const [mine, other] = [(await signIn()).body, (await signIn()).body];
    const { subject, sid } = (
      await api.orm.em.fork().find(OidcSession, { userId: mine.user.id }, { orderBy: { familyId: 1 } })
    )[0]!;
    await openId.signOut(subject, sid!);
    expect((await api.withToken(mine.token)('GET', '/api/auth/me')).status).toBe(401);
    expect((await api.anyone('POST', '/api/auth/refresh', { body: { refreshToken: mine.refreshToken } })).status).toBe(
      401,
    );
    expect((await api.withToken(other.token)('GET', '/api/auth/me')).status).toBe(200);
    const noted = { action: 'user.signed_out_by_provider', resourceId: mine.user.id };
    expect(await api.orm.em.fork().count(AuditEvent, noted)).toBe(1);
    expect((await post(openId.state.logoutTokens.at(-1)!)).status).toBe(400);
  });

  test('400 for an ID token, for rubbish and for nothing; nobody is signed out', async () => {
    const { body } = await signIn();
    const [head, payload] = (body.token as string).split('.');
    for (const token of ['', 'rubbish', body.token, `${head}.${payload}.`])
      expect((await post(token)).status).toBe(400);
    expect((await api.withToken(body.token)('GET', '/api/auth/me')).status).toBe(200);
  });
});

describe('Connections', () => {
  const wish = { ...CLIENT, name: 'N', issuer: 'https://id.example.com', roleRules: RULES };
  const make = (call: Api['admin'], fields: object = {}) =>
    call('POST', '/api/oidc-connections', { body: { ...wish, ...fields } });

  test('403 for staff, who could let themselves in as anybody; 422 without TLS, and for unknown permissions', async () => {
    const login = { email: `${newId()}@mpanel.test`, password: 'a long password' };
    const permissions = ['users.read', 'users.write'];
    await api.admin('POST', '/api/users', { body: { ...login, name: 'S', roles: ['staff'], permissions } });
    expect((await make(await api.signIn(login))).status).toBe(403);
    expect((await make(api.admin, { issuer: 'http://id.example.com' })).status).toBe(422);
    const flying = [{ value: 'x', role: 'staff', permissions: ['customers.fly'] }];
    expect((await make(api.admin, { roleRules: flying })).status).toBe(422);
  });

  test('deleted, its sessions end and nobody comes in by it', async () => {
    const { body } = await make(api.admin);
    expect((await api.admin('GET', '/api/oidc-connections')).text).not.toContain(CLIENT.clientSecret);
    expect((await api.admin('DELETE', `/api/oidc-connections/${body.id}`)).status).toBe(204);
    expect((await manual(`${api.url}/api/auth/oidc/${body.id}/start`)).status).toBe(404);
  });

  test('502 for a provider that does not answer', async () => {
    const { body } = await make(api.admin, { issuer: 'http://127.0.0.1:9' });
    expect((await manual(`${api.url}/api/auth/oidc/${body.id}/start`)).status).toBe(502);
  });
});
