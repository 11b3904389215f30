import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AuditEvent, MailedToken, Notification, Outbox, SignInGuard, User } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { postOffice } from './sign-in.ts';
import { ADMIN, type Api, startApi } from './support.ts';

let api: Api;
let post: Awaited<ReturnType<typeof postOffice>>;
beforeAll(async () => {
  api = await startApi();
  post = await postOffice(api);
});
afterAll(async () => {
  await post.close();
  await api.close();
});

const PASSWORD = 'the first password';
const login = (body: { email: string; password: string }) => api.anyone('POST', '/api/auth/login', { body });
const forgot = (email: string) => api.anyone('POST', '/api/auth/password/forgot', { body: { email } });
const reset = (token: string, password: string) =>
  api.anyone('POST', '/api/auth/password/reset', { body: { token, password } });
const refresh = (refreshToken: string) => api.anyone('POST', '/api/auth/refresh', { body: { refreshToken } });

async function person() {
  const email = `${newId()}@mpanel.test`;
  const { body } = await api.admin('POST', '/api/users', {
    body: { name: 'P', email, password: PASSWORD, roles: ['staff'] },
  });
  return { id: body.id as string, email };
}

describe('POST /api/auth/password', () => {
  const change = (token: string, body: object) => api.withToken(token)('POST', '/api/auth/password', { body });

  test('204 with the current one; the other sessions end at once, this one goes on', async () => {
    const { id, email } = await person();
    const [here, there] = [await login({ email, password: PASSWORD }), await login({ email, password: PASSWORD })];
    const { status } = await change(here.body.token, { currentPassword: PASSWORD, password: 'the second password' });
    expect(status).toBe(204);
    expect((await api.withToken(there.body.token)('GET', '/api/auth/me')).status).toBe(401);
    expect((await refresh(there.body.refreshToken)).status).toBe(401);
    expect((await api.withToken(here.body.token)('GET', '/api/auth/me')).status).toBe(200);
    expect((await refresh(here.body.refreshToken)).status).toBe(200);
    expect((await login({ email, password: PASSWORD })).status).toBe(401);
    expect((await login({ email, password: 'the second password' })).status).toBe(200);
    const noted = { action: 'user.password_changed', resourceId: id, actorId: id };
    expect(await api.orm.em.fork().count(AuditEvent, noted)).toBe(1);
  });

  test('403 without it, and 429 before it is guessed', async () => {
    const { email } = await person();
    const { token } = (await login({ email, password: PASSWORD })).body;
    const guess = () => change(token, { currentPassword: 'a guess', password: 'mine from now on' });
    const answers = [];
    for (let i = 0; i < 7; i++) answers.push((await guess()).status);
    expect(answers).toEqual([403, 403, 403, 403, 403, 429, 429]);
    expect((await login({ email, password: PASSWORD })).status).toBe(200);
  });
});

test('POST /api/auth/logout ends this session and no other', async () => {
  const { email } = await person();
  const [here, there] = [await login({ email, password: PASSWORD }), await login({ email, password: PASSWORD })];
  expect((await api.withToken(here.body.token)('POST', '/api/auth/logout')).status).toBe(204);
  expect((await api.withToken(here.body.token)('GET', '/api/auth/me')).status).toBe(401);
  expect((await refresh(here.body.refreshToken)).status).toBe(401);
  expect((await api.withToken(there.body.token)('GET', '/api/auth/me')).status).toBe(200);
});

describe('A forgotten password', () => {
  test('is replaced by the link of a mail, once; every session ends', async () => {
    const { id, email } = await person();
    const { token, refreshToken } = (await login({ email, password: PASSWORD })).body;
    expect((await forgot(email.toUpperCase())).status).toBe(204);
    const [link = ''] = await post.deliver(email);
    expect((await reset(link, 'the second password')).status).toBe(204);
    expect((await api.withToken(token)('GET', '/api/auth/me')).status).toBe(401);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await login({ email, password: 'the second password' })).status).toBe(200);
    const again = await reset(link, 'the third password');
    expect([again.status, again.body.error.code]).toEqual([410, 'LINK_EXPIRED']);
    expect(await api.orm.em.fork().count(AuditEvent, { action: 'user.password_reset', resourceId: id })).toBe(1);
  });

  test('is answered alike for nobody, who gets no mail', async () => {
    const { email } = await person();
    const [known, nobody] = [await forgot(email), await forgot('nobody@mpanel.test')];
    expect([nobody.status, nobody.text]).toEqual([known.status, known.text]);
    expect(await post.deliver('nobody@mpanel.test')).toEqual([]);
  });

  test('leaves its token in no row: only the hash', async () => {
    const { email } = await person();
    await forgot(email);
    const [link = ''] = await post.deliver(email);
    const em = api.orm.em.fork();
    const rows = [
      await em.find(Notification, { recipient: email }),
      await em.find(Outbox, {}),
      await em.find(MailedToken, {}),
    ];
    expect(JSON.stringify(rows)).not.toContain(link);
    expect(link).toMatch(/^[\w-]{43}$/);
  });

  test('its link is good for an hour, and any number of them until one was used', async () => {
    const { id, email } = await person();
    for (let i = 0; i < 2; i++) await forgot(email);
    const [first = '', second = ''] = await post.deliver(email);
    const tokens = await api.orm.em.fork().find(MailedToken, { userId: id });
    for (const { expiresAt, createdAt } of tokens)
      expect(expiresAt.getTime() - createdAt.getTime()).toBeGreaterThan(3_590_000);
    await api.orm.em.fork().nativeUpdate(MailedToken, { id: tokens[0]!.id }, { expiresAt: new Date() });
    expect((await reset(first, 'the second password')).status).toBe(410);
    expect((await reset(second, 'the second password')).status).toBe(204);
  });

  test('one of two uses at once wins', async () => {
    const { email } = await person();
    await forgot(email);
    const [link = ''] = await post.deliver(email);
    const answers = await Promise.all([1, 2, 3].map((n) => reset(link, `password number ${n}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 410, 410]);
  });

  test('is mailed three times an hour, however often it is asked for', async () => {
    const { email } = await person();
    for (let i = 0; i < 5; i++) expect((await forgot(email)).status).toBe(204);
    expect(await post.deliver(email)).toHaveLength(3);
  });

  test('a suspended login gets no mail, and no use of one that it had', async () => {
    const { id, email } = await person();
    await forgot(email);
    const [link = ''] = await post.deliver(email);
    await api.admin('PUT', `/api/users/${id}`, { body: { status: 'suspended' } });
    await forgot(email);
    expect(await post.deliver(email)).toHaveLength(1);
    expect((await reset(link, 'the second password')).status).toBe(410);
  });

  test('a login that is deleted keeps nobody’s mail waiting', async () => {
    const { id, email } = await person();
    await forgot(email);
    expect((await api.admin('DELETE', `/api/users/${id}`)).status).toBe(204);
    expect(await post.deliver(email)).toEqual([]);
  });
});

describe('An account that is guessed at', () => {
  async function fail(email: string, times: number): Promise<number[]> {
    const answers = [];
    for (let i = 0; i < times; i++) answers.push((await login({ email, password: 'a wrong guess' })).status);
    return answers;
  }
  const guards = (where: object) => api.orm.em.fork().find(SignInGuard, where);
  const lapse = (where: object) =>
    api.orm.em.fork().nativeUpdate(SignInGuard, where, { blockedUntil: new Date(Date.now() - 1) });

  test('429 after five failures, with the right password too, and the same for an account that nobody has', async () => {
    const { email } = await person();
    const nobody = `${newId()}@mpanel.test`;
    expect(await fail(email, 6)).toEqual([401, 401, 401, 401, 401, 429]);
    expect(await fail(nobody, 6)).toEqual([401, 401, 401, 401, 401, 429]);
    const [right, wrong] = [
      await login({ email, password: PASSWORD }),
      await login({ email: nobody, password: PASSWORD }),
    ];
    expect([right.status, right.body.error.code]).toEqual([429, 'RATE_LIMITED']);
    expect(right.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(Object.keys(right.body.error)).toEqual(Object.keys(wrong.body.error));
  });

  test('answers nobody and somebody no sooner than it takes to tell the log', async () => {
    const { email } = await person();
    for (const tried of [email, `${newId()}@mpanel.test`]) {
      const began = performance.now();
      expect((await login({ email: tried, password: 'a wrong guess' })).status).toBe(401);
      expect(performance.now() - began).toBeGreaterThan(95);
    }
  });

  test('waits twice as long after each failure, a quarter of an hour at most, and no longer', async () => {
    const { email } = await person();
    const before = new Set((await guards({})).map(({ account }) => account));
    await fail(email, 5);
    const [{ account }] = (await guards({})).filter((row) => !before.has(row.account)) as [SignInGuard];
    const waits = [];
    for (let i = 0; i < 12; i++) {
      await lapse({ account });
      await fail(email, 1);
      const rows = await guards({ account, address: { $ne: '' } });
      waits.push(Math.round((rows[0]!.blockedUntil!.getTime() - rows[0]!.changedAt.getTime()) / 1000));
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    await lapse({ account });
    expect((await login({ email, password: PASSWORD })).status).toBe(200);
    expect((await login({ email, password: PASSWORD })).status).toBe(200);
  });

  test('many at once are worth no more than one after another', async () => {
    const { email } = await person();
    const answers = await Promise.all(Array.from({ length: 20 }, () => fail(email, 1)));
    expect(answers.flat().filter((status) => status === 401).length).toBeLessThanOrEqual(5);
  });

  test('from elsewhere, stays open to an address that signed in before', async () => {
    const proxied = await startApi({ TRUST_PROXY: '127.0.0.1' });
    try {
      const from = (address: string, password: string) =>
        proxied.anyone('POST', '/api/auth/login', {
          body: { ...ADMIN, password },
          headers: { 'x-forwarded-for': address },
        });
      expect((await from('192.0.2.1', ADMIN.password)).status).toBe(200);
      for (let i = 0; i < 24; i++) await from(`198.51.100.${i}`, 'a wrong guess');
      expect((await from('203.0.113.1', ADMIN.password)).status).toBe(429);
      expect((await from('192.0.2.1', ADMIN.password)).status).toBe(200);
    } finally {
      await proxied.close();
    }
  });

  test('is free again for who sets a new password by mail', async () => {
    const { email } = await person();
    await fail(email, 6);
    await forgot(email);
    const [link = ''] = await post.deliver(email);
    await reset(link, 'the second password');
    expect((await login({ email, password: 'the second password' })).status).toBe(200);
  });
});

describe('Invitations', () => {
  async function invited(fields: object = {}) {
    const email = `${newId()}@mpanel.test`;
    const { status, body } = await api.admin('POST', '/api/users', {
      body: { name: 'I', email, roles: ['staff'], ...fields },
    });
    expect(status).toBe(201);
    return { email, user: body as { id: string; status: string } };
  }

  test('a login without a password is invited, and works once it chose one', async () => {
    const { email, user } = await invited({ permissions: ['customers.read'] });
    expect(user.status).toBe('invited');
    expect(api.engine.parcels.at(-1)).toMatchObject({ name: 'notice_send' });
    expect((await login({ email, password: PASSWORD })).status).toBe(401);
    const [link = ''] = await post.deliver(email);
    expect((await reset(link, PASSWORD)).status).toBe(204);
    const call = await api.signIn({ email, password: PASSWORD });
    expect((await call('GET', '/api/customers')).status).toBe(200);
    expect((await api.admin('GET', `/api/users/${user.id}`)).body.status).toBe('active');
    expect((await reset(link, PASSWORD)).status).toBe(410);
  });

  test('a forgotten password is no way around the invitation', async () => {
    const { email } = await invited();
    await forgot(email);
    expect(await post.deliver(email)).toHaveLength(1);
  });

  test('sent again, the earlier link stops working; there is nothing to send to who accepted', async () => {
    const { email, user } = await invited();
    await post.deliver(email);
    expect((await api.admin('POST', `/api/users/${user.id}/invite`)).status).toBe(200);
    const [first = '', second = ''] = await post.deliver(email);
    expect((await reset(first, PASSWORD)).status).toBe(410);
    expect((await reset(second, PASSWORD)).status).toBe(204);
    const again = await api.admin('POST', `/api/users/${user.id}/invite`);
    expect([again.status, again.body.error.code]).toEqual([409, 'WRONG_STATE']);
  });

  test('runs out after INVITATION_SECONDS', async () => {
    const { email, user } = await invited();
    const [link = ''] = await post.deliver(email);
    const [row] = await api.orm.em.fork().find(MailedToken, { userId: user.id });
    expect((row!.expiresAt.getTime() - row!.createdAt.getTime()) / 86_400_000).toBeCloseTo(7, 2);
    await api.orm.em.fork().nativeUpdate(MailedToken, { id: row!.id }, { expiresAt: new Date() });
    expect((await reset(link, PASSWORD)).status).toBe(410);
  });

  test('an administrator’s password makes the login active as well', async () => {
    const { email, user } = await invited();
    const [link = ''] = await post.deliver(email);
    await api.admin('PUT', `/api/users/${user.id}`, { body: { password: PASSWORD } });
    expect((await login({ email, password: PASSWORD })).status).toBe(200);
    expect((await reset(link, 'somebody else’s password')).status).toBe(410);
  });

  test('the first administrator of a new tenant is invited, and is its administrator alone', async () => {
    const administrator = { name: 'First', email: `${newId()}@new.test` };
    const made = await api.admin('POST', '/api/tenants', { body: { name: 'New House', administrator } });
    expect(made.status).toBe(201);
    const [link = ''] = await post.deliver(administrator.email);
    expect(post.sent.at(-1)?.subject).toBe('Your login at New House');
    await reset(link, PASSWORD);
    const call = await api.signIn({ email: administrator.email, password: PASSWORD });
    const { body: me } = await call('GET', '/api/auth/me');
    expect(me).toMatchObject({ tenantId: made.body.id, roles: ['admin'], permissions: ['*'] });
    expect((await call('GET', '/api/tenants')).status).toBe(404);
    expect((await call('GET', '/api/users')).body.total).toBe(1);
  });

  test('a tenant whose administrator’s address is taken is not made', async () => {
    const name = `House ${newId()}`;
    const administrator = { name: 'First', email: ADMIN.email };
    const { status, body } = await api.admin('POST', '/api/tenants', { body: { name, administrator } });
    expect([status, body.error.code]).toEqual([409, 'EMAIL_TAKEN']);
    const { body: all } = await api.admin('GET', '/api/tenants?pageSize=200');
    expect(all.items.map((tenant: { name: string }) => tenant.name)).not.toContain(name);
  });
});

test('a password is kept as argon2id alone', async () => {
  const users = await api.orm.em.fork().find(User, { passwordHash: { $ne: null } });
  expect(users.length).toBeGreaterThan(2);
  for (const { passwordHash } of users) expect(passwordHash).toMatch(/^\$argon2id\$v=19\$/);
});

test('the page that mails lead to without a panel is served, and its script apart', async () => {
  const page = await api.anyone('GET', '/password');
  expect([page.status, page.text]).toEqual([200, expect.stringContaining('src="/password/page.js"')]);
  expect((await api.anyone('GET', '/password/page.js')).text).toContain('/api/auth/password/reset');
  expect(await api.orm.em.fork().count(User, { passwordHash: null, status: 'active' })).toBe(0);
});
