import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AuditEvent, OidcSession, RefreshToken, User } from '../../db/entities/index.ts';
import type { Account } from '../support/openid.ts';
import { codeOf } from './authenticator.ts';
import { type House, openHouse } from './oidc-house.ts';
import type { Api } from './support.ts';

// What becomes of a session that a provider opened: /auth/oidc/:id/logout, roles, a second factor.

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

describe('A second factor', () => {
  test('is asked for after the provider, and the session still ends with the provider’s', async () => {
    const first = (await house.signIn()).body;
    const password = 'chosen by the administrator';
    await api.admin('PUT', `/api/users/${first.user.id}`, { body: { password } });
    const call = await api.signIn({ email: account.email, password });
    const { secret } = (await call('POST', '/api/auth/second-factor', { body: { password } })).body;
    await call('POST', '/api/auth/second-factor/confirm', { body: { code: codeOf(secret, -1) } });
    const { status, body } = await house.signIn();
    expect([status, Object.keys(body)]).toEqual([202, ['secondFactor']]);
    const { challenge } = body.secondFactor;
    const shown = await api.anyone('POST', '/api/auth/login/second-factor', {
      body: { challenge, code: codeOf(secret) },
    });
    expect(shown.status).toBe(200);
    const [session] = await api.orm.em
      .fork()
      .find(OidcSession, { userId: first.user.id }, { orderBy: { familyId: 'desc' } });
    await house.openId.signOut(session!.subject, session!.sid!);
    expect((await api.withToken(shown.body.token)('GET', '/api/auth/me')).status).toBe(401);
  });
});

describe('Roles', () => {
  test('are those of the latest sign-in; what was opened with others ends', async () => {
    account.groups = ['admins'];
    const first = (await house.signIn()).body;
    expect((await api.withToken(first.token)('GET', '/api/auth/me')).body.permissions).toEqual(['*']);
    account.groups = ['desk'];
    const second = (await house.signIn()).body;
    expect(second.user.roles).toEqual(['staff']);
    expect((await api.withToken(first.token)('GET', '/api/auth/me')).status).toBe(401);
  });

  test('that do not fit the login, or an address that left the domain: as none', async () => {
    const { body } = await house.signIn();
    account.groups = ['clients'];
    await house.refusedAt(await house.goThere());
    expect((await api.withToken(body.token)('GET', '/api/auth/me')).status).toBe(401);
    account.groups = ['desk'];
    const again = (await house.signIn()).body;
    account.email = `${account.sub}@elsewhere.test`;
    await house.refusedAt(await house.goThere());
    expect((await api.withToken(again.token)('GET', '/api/auth/me')).status).toBe(401);
    const { refreshToken } = again;
    expect((await api.anyone('POST', '/api/auth/refresh', { body: { refreshToken } })).status).toBe(401);
  });

  test('none any more: refused, and what was open ends', async () => {
    const { body } = await house.signIn();
    account.groups = [];
    await house.refusedAt(await house.goThere());
    expect((await api.withToken(body.token)('GET', '/api/auth/me')).status).toBe(401);
    expect((await api.orm.em.fork().findOneOrFail(User, { id: body.user.id })).roles).toEqual([]);
  });
});

test('A session is not prolonged: the provider is asked again at its end', async () => {
  const { refreshToken } = (await house.signIn()).body;
  const { body } = await api.anyone('POST', '/api/auth/refresh', { body: { refreshToken, rotate: true } });
  const endOf = (token: string) => JSON.parse(atob(token.split('.')[1]!)).exp as number;
  const rows = await api.orm.em.fork().find(RefreshToken, {}, { orderBy: { id: 'desc' }, limit: 2 });
  expect(rows.map(({ familyId }) => familyId)).toEqual([rows[0]!.familyId, rows[0]!.familyId]);
  expect(rows[0]!.expiresAt).toEqual(rows[1]!.expiresAt);
  expect(endOf(body.refreshToken)).toBe(endOf(refreshToken));
});

describe('Back-channel logout', () => {
  const post = (token: string) =>
    api.anyone('POST', `/api/auth/oidc/${house.connection}/logout`, { raw: `logout_token=${token}` });

  test('ends the sessions that came from the provider’s; its token is obeyed once', async () => {
    const [mine, other] = [(await house.signIn()).body, (await house.signIn()).body];
    const { subject, sid } = (
      await api.orm.em.fork().find(OidcSession, { userId: mine.user.id }, { orderBy: { familyId: 1 } })
    )[0]!;
    await house.openId.signOut(subject, sid!);
    expect((await api.withToken(mine.token)('GET', '/api/auth/me')).status).toBe(401);
    expect((await api.anyone('POST', '/api/auth/refresh', { body: { refreshToken: mine.refreshToken } })).status).toBe(
      401,
    );
    expect((await api.withToken(other.token)('GET', '/api/auth/me')).status).toBe(200);
    const noted = { action: 'user.signed_out_by_provider', resourceId: mine.user.id };
    expect(await api.orm.em.fork().count(AuditEvent, noted)).toBe(1);
    expect((await post(house.openId.state.logoutTokens.at(-1)!)).status).toBe(400);
  });

  test('400 for an ID token, for rubbish and for nothing; nobody is signed out', async () => {
    const { body } = await house.signIn();
    const [head, payload] = (body.token as string).split('.');
    for (const token of ['', 'rubbish', body.token, `${head}.${payload}.`])
      expect((await post(token)).status).toBe(400);
    expect((await api.withToken(body.token)('GET', '/api/auth/me')).status).toBe(200);
  });
});
