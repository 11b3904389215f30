import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AuditEvent, RecoveryCode, SecondFactor, Secret, SignInGuard } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { codeOf } from './authenticator.ts';
import { type Api, startApi } from './support.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const PASSWORD = 'the only password';
const login = (email: string, password = PASSWORD) =>
  api.anyone('POST', '/api/auth/login', { body: { email, password } });
const answer = (challenge: string, code: string) =>
  api.anyone('POST', '/api/auth/login/second-factor', { body: { challenge, code } });
/** A step that was used is free again, as if half a minute had gone by. */
const nextStep = (userId: string) => api.orm.em.fork().nativeUpdate(SecondFactor, { userId }, { lastStep: 0 });

async function person(fields: object = {}) {
  const email = `${newId()}@mpanel.test`;
  const body = { name: 'P', email, password: PASSWORD, roles: ['staff'], ...fields };
  const { body: user } = await api.admin('POST', '/api/users', { body });
  return { id: user.id as string, email, call: await api.signIn({ email, password: PASSWORD }) };
}

/** Somebody with a second factor, confirmed by the code of the step before this one. */
async function armed(fields: object = {}) {
  const somebody = await person(fields);
  const { body } = await somebody.call('POST', '/api/auth/second-factor', { body: { password: PASSWORD } });
  const secret = body.secret as string;
  const confirmed = await somebody.call('POST', '/api/auth/second-factor/confirm', {
    body: { code: codeOf(secret, -1) },
  });
  return { ...somebody, secret, uri: body.uri as string, codes: confirmed.body.recoveryCodes as string[] };
}

const challengeOf = async (email: string) => (await login(email)).body.secondFactor.challenge as string;

describe('Switching it on', () => {
  test('takes the password and a code; the secret is sealed, the recovery codes are hashed', async () => {
    const { id, secret, uri, codes, call } = await armed();
    expect(uri).toMatch(new RegExp(`^otpauth://totp/mpanel:.*secret=${secret}`));
    expect(new Set(codes).size).toBe(10);
    const em = api.orm.em.fork();
    const [row] = await em.find(SecondFactor, { userId: id });
    const sealed = await em.findOneOrFail(Secret, { id: row!.secretId });
    expect(Buffer.from(sealed.sealed as Uint8Array).toString('latin1')).not.toContain(secret);
    expect(JSON.stringify(await em.find(RecoveryCode, {}))).not.toContain(codes[0]);
    expect((await call('GET', '/api/auth/me')).body.secondFactor).toBe(true);
    const again = await call('POST', '/api/auth/second-factor', { body: { password: PASSWORD } });
    expect([again.status, again.body.error.code]).toEqual([409, 'WRONG_STATE']);
  });

  test('403 with another password, and with a wrong code; until confirmed the password is enough', async () => {
    const { call, email } = await person();
    expect((await call('POST', '/api/auth/second-factor', { body: { password: 'a guess' } })).status).toBe(403);
    const { body } = await call('POST', '/api/auth/second-factor', { body: { password: PASSWORD } });
    const wrong = codeOf(body.secret, 20);
    expect((await call('POST', '/api/auth/second-factor/confirm', { body: { code: wrong } })).status).toBe(403);
    expect((await login(email)).status).toBe(200);
    expect((await call('GET', '/api/auth/me')).body.secondFactor).toBe(false);
  });
});

describe('Signing in', () => {
  test('202 with a challenge, no token; 200 with a code', async () => {
    const { email, secret } = await armed();
    const { status, body } = await login(email);
    expect([status, Object.keys(body), Object.keys(body.secondFactor)]).toEqual([
      202,
      ['secondFactor'],
      ['challenge', 'expiresAt'],
    ]);
    const session = await answer(body.secondFactor.challenge, codeOf(secret));
    expect(session.status).toBe(200);
    expect((await api.withToken(session.body.token)('GET', '/api/auth/me')).body.email).toBe(email);
  });

  test('401 for a code that was used, and for one that is older', async () => {
    const { email, secret } = await armed();
    const challenge = await challengeOf(email);
    const code = codeOf(secret);
    expect((await answer(challenge, code)).status).toBe(200);
    expect((await answer(challenge, code)).status).toBe(401);
    expect((await answer(await challengeOf(email), codeOf(secret, -1))).status).toBe(401);
  });

  test('one of two uses of a code at once wins', async () => {
    const { email, secret } = await armed();
    const challenge = await challengeOf(email);
    const code = codeOf(secret);
    const answers = await Promise.all([1, 2, 3].map(() => answer(challenge, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });

  test('each recovery code opens once, however it is typed', async () => {
    const { email, codes } = await armed();
    const challenge = await challengeOf(email);
    expect((await answer(challenge, codes[0]!.toLowerCase().replaceAll('-', ' '))).status).toBe(200);
    expect((await answer(challenge, codes[0]!)).status).toBe(401);
    expect((await answer(challenge, codes[1]!)).status).toBe(200);
  });

  test('401 for another’s code, and for what is no challenge', async () => {
    const [mine, other] = [await armed(), await armed()];
    expect((await answer(await challengeOf(mine.email), other.codes[0]!)).status).toBe(401);
    const { token } = (await login((await person()).email)).body;
    expect((await answer(token, codeOf(mine.secret))).status).toBe(401);
    const challenge = await challengeOf(mine.email);
    expect((await api.withToken(challenge)('GET', '/api/auth/me')).status).toBe(401);
  });

  test('429 before a code is guessed', async () => {
    const { email, secret } = await armed();
    const challenge = await challengeOf(email);
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push((await answer(challenge, codeOf(secret, 20 + i))).status);
    expect(answers).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await answer(challenge, codeOf(secret))).status).toBe(429);
    await api.orm.em.fork().nativeUpdate(SignInGuard, {}, { blockedUntil: null });
    expect((await answer(challenge, codeOf(secret))).status).toBe(200);
  });

  test('401 for a password that was changed meanwhile', async () => {
    const { id, email, secret } = await armed();
    const challenge = await challengeOf(email);
    await api.admin('PUT', `/api/users/${id}`, { body: { password: 'the next password' } });
    expect((await answer(challenge, codeOf(secret))).status).toBe(401);
  });

  test('401 for a login that was suspended meanwhile', async () => {
    const { id, email, secret } = await armed();
    const challenge = await challengeOf(email);
    await api.admin('PUT', `/api/users/${id}`, { body: { status: 'suspended' } });
    expect((await answer(challenge, codeOf(secret))).status).toBe(401);
  });
});

describe('Switching it off', () => {
  const off = (call: Api['admin'], body: object) => call('POST', '/api/auth/second-factor/off', { body });

  test('takes the password and a code', async () => {
    const { id, email, call, secret } = await armed();
    expect((await off(call, { password: PASSWORD, code: codeOf(secret, 20) })).status).toBe(403);
    expect((await off(call, { password: 'a guess', code: codeOf(secret) })).status).toBe(403);
    expect((await login(email)).status).toBe(202);
    await nextStep(id);
    expect((await off(call, { password: PASSWORD, code: codeOf(secret) })).status).toBe(204);
    expect((await login(email)).status).toBe(200);
    expect(await api.orm.em.fork().count(RecoveryCode, { userId: id })).toBe(0);
  });

  test('an administrator takes it off another’s login, whose sessions end; not off the own', async () => {
    const { id, email, call } = await armed();
    expect((await api.admin('DELETE', `/api/users/${id}/second-factor`)).status).toBe(204);
    expect((await call('GET', '/api/auth/me')).status).toBe(401);
    expect((await login(email)).status).toBe(200);
    expect(await api.orm.em.fork().count(AuditEvent, { action: 'user.second_factor_reset', resourceId: id })).toBe(1);
    expect((await api.admin('DELETE', `/api/users/${id}/second-factor`)).status).toBe(409);
    const { body: own } = await api.admin('GET', '/api/auth/me');
    expect((await api.admin('DELETE', `/api/users/${own.id}/second-factor`)).status).toBe(409);
  });

  test('403 for staff who stand below', async () => {
    const boss = await armed({ roles: ['admin'] });
    const { call } = await person({ permissions: ['users.read', 'users.write'] });
    expect((await call('DELETE', `/api/users/${boss.id}/second-factor`)).status).toBe(403);
    expect((await login(boss.email)).status).toBe(202);
  });

  test('a login is deleted with it', async () => {
    const { id } = await armed();
    expect((await api.admin('DELETE', `/api/users/${id}`)).status).toBe(204);
  });
});
