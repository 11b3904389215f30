import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  AuditEvent,
  OidcConnection,
  OidcIdentity,
  OidcLogin,
  OidcSession,
  RefreshToken,
  Secret,
  User,
} from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { type Account, CLIENT, startOpenId } from '../support/openid.ts';
import { codeOf, manual, openIdBrowser } from './sign-in.ts';
import { type Api, startApi } from './support.ts';

// A browser (sign-in.ts) goes all of the way: /auth/oidc/:id/start, its callback, and POST /auth/oidc/finish.

let api: Api;
let openId: Awaited<ReturnType<typeof startOpenId>>;
let connection: string;

/** A provider that does not answer. */
const SILENT = 'http://127.0.0.1:9';
const RULES = [
  { value: 'admins', role: 'admin', permissions: [] },
  { value: 'desk', role: 'staff', permissions: ['customers.read'] },
  { value: 'clients', role: 'customer', permissions: [] },
];

beforeAll(async () => {
  openId = await startOpenId();
  api = await startApi({ OIDC_INTERNAL: `${openId.issuer},${SILENT}` });
  const body = { ...CLIENT, name: 'House', issuer: openId.issuer, roleRules: RULES, domains: ['house.test'] };
  const made = await api.admin('POST', '/api/oidc-connections', { body });
  expect(made.status).toBe(201);
  connection = made.body.id;
  browser = openIdBrowser(api, openId.issuer, connection);
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

let browser: ReturnType<typeof openIdBrowser>;
const goThere = () => browser.goThere();
const comeBack = (there: { cookie: string; query: string }) => browser.comeBack(there);
const finish = (cookie: string, to: string) => browser.finish(cookie, to);
const signIn = () => browser.signIn();

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

describe('A provider', () => {
  const elsewhere = async () => {
    const { body: tenant } = await api.admin('POST', '/api/tenants', { body: { name: 'Theirs' } });
    const body = { ...CLIENT, name: 'Theirs', issuer: openId.issuer, roleRules: [{ value: 'desk', role: 'admin' }] };
    const headers = { 'x-tenant-id': tenant.id };
    return (await api.admin('POST', '/api/oidc-connections', { headers, body })).body.id as string;
  };

  test('of another tenant takes no sign-in that began here, nor the other way round', async () => {
    const theirs = await elsewhere();
    const there = await goThere();
    const { status } = await manual(`${api.url}/api/auth/oidc/${theirs}/callback${there.query}`, [there.cookie]);
    expect(status).toBe(403);
    await refusedAt(there);
  });

  test('is led back to from nowhere but the panel, whatever a link says', async () => {
    const start = `${api.url}/api/auth/oidc/${connection}/start`;
    for (const name of ['returnTo', 'redirect_uri', 'next'])
      expect((await manual(`${start}?${name}=https://evil.example`)).status).toBe(400);
    const there = await goThere();
    const { to } = await comeBack({ ...there, query: `${there.query}&returnTo=https://evil.example` });
    expect(to).toMatch(new RegExp(`^http://127.0.0.1:${api.config.PORT}/signed-in#[\\w-]{43}$`));
  });

  test('takes over a login that somebody else may have prepared: its password, links and keys are worth nothing', async () => {
    const prepared = { email: account.email, password: 'known to who made it' };
    const body = { ...prepared, name: 'P', roles: ['staff'], permissions: ['customers.read'] };
    const { id } = (await api.admin('POST', '/api/users', { body })).body;
    const call = await api.signIn(prepared);
    const made = await call('POST', '/api/api-keys', { body: { name: 'k', scopes: ['customers.read'] } });
    expect((await signIn()).body.user.id).toBe(id);
    expect((await api.anyone('POST', '/api/auth/login', { body: prepared })).status).toBe(401);
    expect((await call('GET', '/api/auth/me')).status).toBe(401);
    expect((await api.withToken(made.body.secret)('GET', '/api/customers')).status).toBe(401);
    expect(await api.orm.em.fork().count(AuditEvent, { action: 'user.linked', resourceId: id })).toBe(1);
  });

  test('whose claims are for another kind of login changes none that it does not have', async () => {
    const { body: customer } = await api.admin('POST', '/api/customers', { body: { name: 'C', email: account.email } });
    const login = { email: account.email, password: 'a long password' };
    const bound = { ...login, name: 'C', roles: ['customer'], customerId: customer.id };
    await api.admin('POST', '/api/users', { body: bound });
    await refusedAt(await goThere());
    expect((await api.anyone('POST', '/api/auth/login', { body: login })).status).toBe(200);
  });
});

describe('A second factor', () => {
  test('is asked for after the provider, and the session still ends with the provider’s', async () => {
    const first = (await signIn()).body;
    const password = 'chosen by the administrator';
    await api.admin('PUT', `/api/users/${first.user.id}`, { body: { password } });
    const call = await api.signIn({ email: account.email, password });
    const { secret } = (await call('POST', '/api/auth/second-factor', { body: { password } })).body;
    await call('POST', '/api/auth/second-factor/confirm', { body: { code: codeOf(secret, -1) } });
    const { status, body } = await signIn();
    expect([status, Object.keys(body)]).toEqual([202, ['secondFactor']]);
    const { challenge } = body.secondFactor;
    const shown = await api.anyone('POST', '/api/auth/login/second-factor', {
      body: { challenge, code: codeOf(secret) },
    });
    expect(shown.status).toBe(200);
    const [session] = await api.orm.em
      .fork()
      .find(OidcSession, { userId: first.user.id }, { orderBy: { familyId: 'desc' } });
    await openId.signOut(session!.subject, session!.sid!);
    expect((await api.withToken(shown.body.token)('GET', '/api/auth/me')).status).toBe(401);
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

  test('that do not fit the login, or an address that left the domain: as none', async () => {
    const { body } = await signIn();
    account.groups = ['clients'];
    await refusedAt(await goThere());
    expect((await api.withToken(body.token)('GET', '/api/auth/me')).status).toBe(401);
    account.groups = ['desk'];
    const again = (await signIn()).body;
    account.email = `${account.sub}@elsewhere.test`;
    await refusedAt(await goThere());
    expect((await api.withToken(again.token)('GET', '/api/auth/me')).status).toBe(401);
    const { refreshToken } = again;
    expect((await api.anyone('POST', '/api/auth/refresh', { body: { refreshToken } })).status).toBe(401);
  });

  test('none any more: refused, and what was open ends', async () => {
    const { body } = await signIn();
    account.groups = [];
    await refusedAt(await goThere());
    expect((await api.withToken(body.token)('GET', '/api/auth/me')).status).toBe(401);
    expect((await api.orm.em.fork().findOneOrFail(User, { id: body.user.id })).roles).toEqual([]);
  });
});

test('A session is not prolonged: the provider is asked again at its end', async () => {
  const { refreshToken } = (await signIn()).body;
  const { body } = await api.anyone('POST', '/api/auth/refresh', { body: { refreshToken, rotate: true } });
  const endOf = (token: string) => JSON.parse(atob(token.split('.')[1]!)).exp as number;
  const rows = await api.orm.em.fork().find(RefreshToken, {}, { orderBy: { id: 'desc' }, limit: 2 });
  expect(rows.map(({ familyId }) => familyId)).toEqual([rows[0]!.familyId, rows[0]!.familyId]);
  expect(rows[0]!.expiresAt).toEqual(rows[1]!.expiresAt);
  expect(endOf(body.refreshToken)).toBe(endOf(refreshToken));
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

  test('changed, its sessions end, and the secret that it had is gone', async () => {
    const { body } = await signIn();
    const em = api.orm.em.fork();
    const before = await em.findOneOrFail(OidcConnection, { id: connection });
    const changes = { name: 'Renamed', clientSecret: CLIENT.clientSecret };
    const answer = await api.admin('PUT', `/api/oidc-connections/${connection}`, { body: changes });
    expect([answer.status, answer.body.name, answer.body.domains]).toEqual([200, 'Renamed', ['house.test']]);
    expect((await api.withToken(body.token)('GET', '/api/auth/me')).status).toBe(401);
    expect(await em.count(Secret, { id: before.secretId })).toBe(0);
    expect((await signIn()).body.user.id).toBe(body.user.id);
  });

  test('of another issuer, its subjects are other people', async () => {
    const { body } = await make(api.admin);
    const em = api.orm.em.fork();
    const { id: userId } = (await signIn()).body.user;
    em.create(OidcIdentity, { connectionId: body.id, subject: 'one', userId, createdAt: new Date() });
    await em.flush();
    const path = `/api/oidc-connections/${body.id}`;
    await api.admin('PUT', path, { body: { issuer: wish.issuer } });
    expect(await em.count(OidcIdentity, { connectionId: body.id })).toBe(1);
    await api.admin('PUT', path, { body: { issuer: 'https://other.example.com' } });
    expect(await em.count(OidcIdentity, { connectionId: body.id })).toBe(0);
  });

  test('502 for a provider that does not answer', async () => {
    const { body } = await make(api.admin, { issuer: SILENT });
    expect((await manual(`${api.url}/api/auth/oidc/${body.id}/start`)).status).toBe(502);
  });
});
