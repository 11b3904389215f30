import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import { codeOf } from '../../api/authenticator.ts';
import type { Customer } from '../../support/client.ts';
import type { KnownSecret } from '../../support/leaks.ts';
import { until } from '../../support/until.ts';
import type { Stage } from '../stage/index.ts';

/** Of a mail's link: in the mail by intent, and nowhere else. */
export const MAILED = 'mailed token';

/** As people choose them, with what each encoding writes in another way. */
export const password = () => `Pw-${randomBytes(12).toString('base64url')}-ü"+1`;

export const known = (what: string, value: string | undefined): KnownSecret[] => (value ? [{ what, value }] : []);

type Body = Record<string, string> & { recoveryCodes?: string[]; secondFactor?: { challenge: string } };
export type Call = ReturnType<typeof caller>;

/** Requests whose answers are read for the secrets in them. */
export function caller({ platform }: Stage) {
  return async (path: string, body: object, token?: string, method = 'POST') => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomBytes(8).toString('hex') };
    const response = await fetch(`${platform.url}/api${path}`, {
      method,
      headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : {}) as Body };
  };
}

/** A customer's login that is used in every way: what it types, and what it is shown. */
export async function loginOf(stage: Stage, customer: Customer) {
  const call = caller(stage);
  const typed = { login: password(), wrong: password(), changed: password() };
  const email = `login-${customer.email}`;
  await stage.admin.post('/users', person(email, customer, { password: typed.login }));
  expect((await call('/auth/login', { email, password: typed.wrong })).status).toBe(401);
  const { body } = await call('/auth/login', { email, password: typed.login });
  const renewed = await call('/auth/refresh', { refreshToken: body.refreshToken, rotate: true });
  const token = String(body.token);
  const key = await call('/api-keys', { name: 'ci', scopes: ['orders.read'] }, token);
  const shown = await fetch(`${stage.platform.url}/api/auth/me`, bearer(key.body.secret));
  expect([key.status, shown.status]).toEqual([201, 200]);
  const change = { currentPassword: typed.login, password: typed.changed };
  expect((await call('/auth/password', change, token)).status).toBe(204);
  const secrets = [
    ...Object.entries(typed).flatMap(([what, value]) => known(`typed: ${what}`, value)),
    ...known('access token', token),
    ...known('refresh token', body.refreshToken),
    ...known('renewed access token', renewed.body.token),
    ...known('rotated refresh token', renewed.body.refreshToken),
    ...known('API key', key.body.secret),
    ...(await secondFactor(call, { email, password: typed.changed }, token)),
  ];
  return { token, secrets };
}

/** Switched on, and each kind of code used once. */
async function secondFactor(call: Call, login: { email: string; password: string }, token: string) {
  const { body: enrolled } = await call('/auth/second-factor', { password: login.password }, token);
  const secret = String(enrolled.secret);
  const confirmed = await call('/auth/second-factor/confirm', { code: codeOf(secret, -1) }, token);
  const codes = confirmed.body.recoveryCodes ?? [];
  expect(codes).toHaveLength(10);
  const sessions = [];
  for (const code of [codeOf(secret), codes[0]]) {
    const { challenge } = (await call('/auth/login', login)).body.secondFactor ?? {};
    const { status, body } = await call('/auth/login/second-factor', { challenge, code });
    expect(status).toBe(200);
    sessions.push(...known('challenge', challenge), ...known('access token by a code', body.token));
  }
  return [
    ...known('second factor', secret),
    ...codes.flatMap((code) => [...known('recovery code', code), ...known('its letters', code.replaceAll('-', ''))]),
    ...sessions,
  ];
}

/** Somebody who is invited by mail and chooses a password. */
export async function invited(stage: Stage, customer: Customer): Promise<KnownSecret[]> {
  const email = `invited-${customer.email}`;
  await stage.admin.post('/users', person(email, customer));
  const token = await until('the invitation', async () => {
    const [mail] = await stage.world.mails(email);
    return mail && /\/password#([\w-]{43})/.exec(mail.text)?.[1];
  });
  const chosen = password();
  expect((await caller(stage)('/auth/password/reset', { token, password: chosen })).status).toBe(204);
  return [...known(MAILED, token), ...known('typed: chosen', chosen)];
}

/** A connection to an OpenID provider, and the client secret that it had before. */
export async function openId({ admin }: Stage): Promise<KnownSecret[]> {
  const [first, second] = [password(), password()];
  const roleRules = [{ value: 'desk', role: 'staff', permissions: [] }];
  const wish = { name: 'House', issuer: 'https://id.house.test', clientId: 'mpanel', roleClaim: 'groups', roleRules };
  const made = await admin.post<{ id: string }>('/oidc-connections', { ...wish, clientSecret: first, domains: [] });
  await admin.send('PUT', `/oidc-connections/${made.id}`, { clientSecret: second });
  return [...known('OpenID client secret', second), ...known('OpenID client secret before', first)];
}

const person = (email: string, { id: customerId }: Customer, more: object = {}) => ({
  ...{ email, name: 'Ann', roles: ['customer'], customerId },
  ...more,
});

const bearer = (token = '') => ({ headers: { authorization: `Bearer ${token}` } });
