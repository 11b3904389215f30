import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AuditEvent, OidcLogin, Secret, User } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { type Account, CLIENT } from '../support/openid.ts';
import { type House, openHouse } from './oidc-house.ts';
import { manual } from './sign-in.ts';
import type { Api } from './support.ts';

// A browser (sign-in.ts) goes all of the way: /auth/oidc/:id/start, its callback, and POST /auth/oidc/finish.

let house: House;
let api: Api;
let account: Account;
beforeAll(async () => {
  house = await openHouse();
  api = house.api;
});
afterAll(() => house.close());
beforeEach(() => {
  account = house.newcomer();
});

describe('Signing in', () => {
  test('makes a login with the roles that the claims give; the next time it is the same one', async () => {
    const { status, body } = await house.signIn();
    expect(status).toBe(200);
    expect(body.user).toMatchObject({ email: account.email, roles: ['staff'] });
    const me = await api.withToken(body.token)('GET', '/api/auth/me');
    expect(me.body.permissions).toEqual(['customers.read']);
    account.email = `renamed.${account.email}`;
    expect((await house.signIn()).body.user.id).toBe(body.user.id);
  });

  test('goes by PKCE, state and nonce; the cookie is the browser’s alone, the secret is sealed', async () => {
    const { first, cookie } = await house.goThere();
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
    expect((await house.signIn()).body.user.id).toBe(user.id);
    expect((await api.admin('GET', `/api/users/${user.id}`)).body.status).toBe('active');
  });

  test('a customer’s login is bound to the customer with its address; there has to be one', async () => {
    account.groups = ['clients'];
    await house.refusedAt(await house.goThere());
    const { body: customer } = await api.admin('POST', '/api/customers', { body: { name: 'C', email: account.email } });
    const { body } = await house.signIn();
    const { body: me } = await api.withToken(body.token)('GET', '/api/auth/me');
    expect(me).toMatchObject({ roles: ['customer'], customerId: customer.id });
  });
});

describe('403', () => {
  test('for a state that is wrong, in another browser, and with the cookie of another sign-in', async () => {
    const there = await house.goThere();
    const other = new URLSearchParams(there.query);
    other.set('state', 'x'.repeat(43));
    await house.refusedAt({ ...there, query: `?${other}` });
    await house.refusedAt({ ...there, cookie: '' });
    const [one, two] = [await house.goThere(), await house.goThere()];
    await house.refusedAt({ cookie: one.cookie, query: two.query });
  });

  test('for a callback that is played again, and a code that is', async () => {
    const there = await house.goThere();
    const { to } = await house.comeBack(there);
    await house.refusedAt(there);
    expect((await house.finish('', to)).status).toBe(403);
    const again = await house.goThere();
    const back = await house.comeBack(again);
    expect((await house.finish(again.cookie, back.to)).status).toBe(200);
    expect((await house.finish(again.cookie, back.to)).status).toBe(403);
  });

  test('for a nonce that is not ours, and for what took longer than ten minutes', async () => {
    const nonce = await house.goThere();
    await api.orm.em.fork().nativeUpdate(OidcLogin, {}, { nonce: 'another' });
    await house.refusedAt(nonce);
    const late = await house.goThere();
    await api.orm.em.fork().nativeUpdate(OidcLogin, {}, { expiresAt: new Date() });
    await house.refusedAt(late);
  });

  test('for another verifier of PKCE', async () => {
    const there = await house.goThere();
    await api.orm.em.fork().nativeUpdate(OidcLogin, {}, { verifier: 'y'.repeat(43) });
    await house.refusedAt(there);
  });

  test('for an address that is not verified, of another domain, or without any role', async () => {
    account.email_verified = false;
    await house.refusedAt(await house.goThere());
    Object.assign(account, { email_verified: true, email: `${account.sub}@elsewhere.test` });
    await house.refusedAt(await house.goThere());
    Object.assign(account, { email: `${account.sub}@house.test`, groups: ['strangers'] });
    await house.refusedAt(await house.goThere());
    expect(await api.orm.em.fork().count(User, { email: { $like: `%${account.sub}%` } })).toBe(0);
  });

  test('for a login of another tenant, and for an administrator of the platform', async () => {
    const { body: tenant } = await api.admin('POST', '/api/tenants', { body: { name: 'Other' } });
    const headers = { 'x-tenant-id': tenant.id };
    const theirs = { name: 'T', email: account.email, password: 'a long password', roles: ['admin'] };
    const { body: user } = await api.admin('POST', '/api/users', { headers, body: theirs });
    await house.refusedAt(await house.goThere());
    const em = api.orm.em.fork();
    expect((await em.findOneOrFail(User, { id: user.id })).roles).toEqual(['admin']);
    Object.assign(account, { sub: newId(), email: 'chief@house.test' });
    const root = { name: 'R', email: account.email, password: 'a long password', roles: ['platform_admin'] };
    await api.admin('POST', '/api/users', { body: root });
    await house.refusedAt(await house.goThere());
  });

  test('for a suspended login', async () => {
    const { body } = await house.signIn();
    await api.admin('PUT', `/api/users/${body.user.id}`, { body: { status: 'suspended' } });
    await house.refusedAt(await house.goThere());
  });
});

describe('A provider', () => {
  const elsewhere = async () => {
    const { body: tenant } = await api.admin('POST', '/api/tenants', { body: { name: 'Theirs' } });
    const body = {
      ...CLIENT,
      name: 'Theirs',
      issuer: house.openId.issuer,
      roleRules: [{ value: 'desk', role: 'admin' }],
    };
    const headers = { 'x-tenant-id': tenant.id };
    return (await api.admin('POST', '/api/oidc-connections', { headers, body })).body.id as string;
  };

  test('of another tenant takes no sign-in that began here, nor the other way round', async () => {
    const theirs = await elsewhere();
    const there = await house.goThere();
    const { status } = await manual(`${api.url}/api/auth/oidc/${theirs}/callback${there.query}`, [there.cookie]);
    expect(status).toBe(403);
    await house.refusedAt(there);
  });

  test('is led back to from nowhere but the panel, whatever a link says', async () => {
    const start = `${api.url}/api/auth/oidc/${house.connection}/start`;
    for (const name of ['returnTo', 'redirect_uri', 'next'])
      expect((await manual(`${start}?${name}=https://evil.example`)).status).toBe(400);
    const there = await house.goThere();
    const { to } = await house.comeBack({ ...there, query: `${there.query}&returnTo=https://evil.example` });
    expect(to).toMatch(new RegExp(`^http://127.0.0.1:${api.config.PORT}/signed-in#[\\w-]{43}$`));
  });

  test('takes over a login that somebody else may have prepared: its password, links and keys are worth nothing', async () => {
    const prepared = { email: account.email, password: 'known to who made it' };
    const body = { ...prepared, name: 'P', roles: ['staff'], permissions: ['customers.read'] };
    const { id } = (await api.admin('POST', '/api/users', { body })).body;
    const call = await api.signIn(prepared);
    const made = await call('POST', '/api/api-keys', { body: { name: 'k', scopes: ['customers.read'] } });
    expect((await house.signIn()).body.user.id).toBe(id);
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
    await house.refusedAt(await house.goThere());
    expect((await api.anyone('POST', '/api/auth/login', { body: login })).status).toBe(200);
  });
});
