import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTokens } from '../../api/http/tokens.ts';
import { Tenant, User } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { ADMIN, type Api, customerLogin, startApi } from './support.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const login = (body: object) => api.anyone('POST', '/api/auth/login', { body });
const refresh = (body: object) => api.anyone('POST', '/api/auth/refresh', { body });

describe('POST /api/auth/login', () => {
  test('200 answers tokens and the user', async () => {
    const { status, body } = await login(ADMIN);
    expect(status).toBe(200);
    expect(body.user).toMatchObject({ email: ADMIN.email, roles: ['platform_admin', 'admin'] });
    const me = await api.withToken(body.token)('GET', '/api/auth/me');
    expect(me.body).toMatchObject({ id: body.user.id, permissions: expect.arrayContaining(['*', 'tenants.write']) });
  });

  test('200 whatever the case of the e-mail address', async () => {
    expect((await login({ ...ADMIN, email: ADMIN.email.toUpperCase() })).status).toBe(200);
  });

  test('401, the same for a wrong password and for nobody', async () => {
    const wrong = await login({ ...ADMIN, password: 'not the password' });
    const nobody = await login({ ...ADMIN, email: 'nobody@mpanel.test' });
    expect([wrong.status, wrong.text]).toEqual([401, nobody.text]);
    expect(wrong.body.error.code).toBe('INVALID_CREDENTIALS');
  });

  test('401 for a suspended login, and for every token it had', async () => {
    const { call } = await customerLogin(api);
    expect((await call('GET', '/api/auth/me')).status).toBe(200);
    await api.orm.em.fork().nativeUpdate(User, { email: 'login.john@example.com' }, { status: 'suspended' });
    expect((await call('GET', '/api/auth/me')).status).toBe(401);
    expect((await login({ email: 'login.john@example.com', password: 'another long password' })).status).toBe(401);
  });

  test('422 for unknown fields', async () => {
    const { status, body } = await login({ ...ADMIN, remember: true });
    expect([status, body.error.code]).toEqual([422, 'VALIDATION_FAILED']);
  });
});

describe('POST /api/auth/refresh', () => {
  test('200 again and again while it is not rotated', async () => {
    const { refreshToken } = (await login(ADMIN)).body;
    for (let i = 0; i < 2; i++) {
      const { status, body } = await refresh({ refreshToken });
      expect([status, Object.keys(body)]).toEqual([200, ['token']]);
      expect((await api.withToken(body.token)('GET', '/api/auth/me')).status).toBe(200);
    }
  });

  test('401 for a rotated one, which revokes its whole family', async () => {
    const first = (await login(ADMIN)).body.refreshToken;
    const rotated = await refresh({ refreshToken: first, rotate: true });
    const second = rotated.body.refreshToken;
    expect((await refresh({ refreshToken: second })).status).toBe(200);
    expect((await refresh({ refreshToken: first })).status).toBe(401);
    expect((await refresh({ refreshToken: second })).status).toBe(401);
  });

  test('one of two rotations at once wins', async () => {
    const { refreshToken } = (await login(ADMIN)).body;
    const answers = await Promise.all([1, 2, 3].map(() => refresh({ refreshToken, rotate: true })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });

  test('for thirty days; 401 after that', async () => {
    const { refreshToken } = (await login(ADMIN)).body;
    const { sub, jti, exp } = JSON.parse(Buffer.from(refreshToken.split('.')[1], 'base64url').toString());
    const days = (exp * 1000 - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
    const ending = (ms: number) => createTokens(api.config.JWT_SECRET).refresh({ sub, jti }, new Date(Date.now() + ms));
    expect((await refresh({ refreshToken: await ending(60_000) })).status).toBe(200);
    expect((await refresh({ refreshToken: await ending(-1_000) })).status).toBe(401);
  });

  test('401 for an access token', async () => {
    const { token } = (await login(ADMIN)).body;
    expect((await refresh({ refreshToken: token })).status).toBe(401);
  });
});

describe('GET /api/auth/me', () => {
  test.each([
    ['nothing', {}],
    ['rubbish', { authorization: 'Bearer rubbish' }],
  ])('401 with %s', async (_, headers) => {
    const { status, body, headers: told } = await api.anyone('GET', '/api/auth/me', { headers });
    expect([status, body.error.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(told.get('www-authenticate')).toBe('Bearer');
  });

  test('401 with a refresh token', async () => {
    const { refreshToken } = (await login(ADMIN)).body;
    expect((await api.withToken(refreshToken)('GET', '/api/auth/me')).status).toBe(401);
  });
});

describe('X-Tenant-Id', () => {
  test('200 for a platform administrator, who then acts there', async () => {
    const { body: tenant } = await api.admin('POST', '/api/tenants', { body: { name: 'Elsewhere' } });
    const headers = { 'x-tenant-id': tenant.id };
    const made = await api.admin('POST', '/api/customers', { headers, body: { name: 'E', email: 'e@example.com' } });
    expect(made.body.tenantId).toBe(tenant.id);
    expect((await api.admin('GET', `/api/customers/${made.body.id}`)).status).toBe(404);
    expect((await api.admin('GET', `/api/customers/${made.body.id}?tenantId=${tenant.id}`)).status).toBe(200);
  });

  test('404 for anybody else, and for a tenant that is not', async () => {
    const own = await api.orm.em.fork().findOneOrFail(Tenant, { name: 'mpanel' });
    const staff = { email: 'tenant.admin@mpanel.test', password: 'tenant admin password' };
    await api.admin('POST', '/api/users', { body: { ...staff, name: 'T', roles: ['admin'] } });
    const call = await api.signIn(staff);
    expect((await call('GET', '/api/customers')).status).toBe(200);
    expect((await call('GET', '/api/customers', { headers: { 'x-tenant-id': own.id } })).status).toBe(404);
    expect((await api.admin('GET', '/api/customers', { headers: { 'x-tenant-id': newId() } })).status).toBe(404);
  });
});
