import { afterEach, describe, expect, test } from '@jest/globals';
import { createApp } from '../../api/app.ts';
import { drain, listen } from '../../api/server.ts';
import { openDatabase } from '../../db/config.ts';
import { RateLimit } from '../../db/entities/index.ts';
import { createLogger } from '../../runtime/logger.ts';
import { ADMIN, type Answer, type Api, startApi } from './support.ts';

let api: Api;
afterEach(() => api.close());

const told = ({ status, headers }: Answer) => [status, headers.get('ratelimit-remaining')];
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

test('a tenant’s limit is one for all processes, and says where it stands', async () => {
  api = await startApi({ RATE_LIMIT_TENANT: '3' });
  const { token } = (await api.anyone('POST', '/api/auth/login', { body: ADMIN })).body;
  const second = await api.another();
  const [here, there] = [api.withToken(token), second.withToken(token)];
  const me = '/api/auth/me';
  expect(told(await here('GET', me))).toEqual([200, '2']);
  expect(told(await there('GET', me))).toEqual([200, '1']);
  expect(told(await here('GET', me))).toEqual([200, '0']);
  for (const caller of [there, here, there]) {
    const answer = await caller('GET', me);
    expect(told(answer)).toEqual([429, '0']);
    expect(answer.body.error.code).toBe('RATE_LIMITED');
    expect(answer.headers.get('ratelimit-limit')).toBe('3');
    const [wait, reset] = [answer.headers.get('retry-after'), answer.headers.get('ratelimit-reset')].map(Number);
    expect(wait).toBe(reset);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
  }
  expect((await second.anyone('GET', '/api/health')).status).toBe(200);
  await second.close();
});

test('of calls that come at once each is told where it stands, and no more get in than may', async () => {
  api = await startApi({ RATE_LIMIT_TENANT: '12' });
  const { token } = (await api.anyone('POST', '/api/auth/login', { body: ADMIN })).body;
  const here = api.withToken(token);
  const answers = await Promise.all(Array.from({ length: 20 }, () => here('GET', '/api/auth/me')));
  const left = answers.filter(({ status }) => status === 200).map((answer) => Number(told(answer)[1]));
  expect(left.sort((a, b) => b - a)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(8);
});

test('attempts to sign in are one for all processes too', async () => {
  // The administrator has signed in once from here.
  api = await startApi({ RATE_LIMIT_LOGIN: '3' });
  const second = await api.another();
  const guess = { body: { email: 'x@mpanel.test', password: 'guess' } };
  const answers = [];
  for (const anyone of [api.anyone, second.anyone, api.anyone])
    answers.push((await anyone('POST', '/api/auth/login', guess)).status);
  expect(answers).toEqual([401, 401, 429]);
  await second.close();
});

test('a window that is over counts from one again', async () => {
  api = await startApi({ RATE_LIMIT_ADDRESS: '3' });
  await api.admin('GET', '/api/auth/me');
  await api.orm.em.fork().nativeUpdate(RateLimit, {}, { endsAt: new Date(Date.now() - 1) });
  expect(told(await api.admin('GET', '/api/auth/me'))).toEqual([200, '2']);
});

test('what is used up asks the database nothing more', async () => {
  api = await startApi({ RATE_LIMIT_ADDRESS: '2' });
  const used = async () => (await api.orm.em.fork().findOneOrFail(RateLimit, { key: 'address 127.0.0.1' })).used;
  for (let at = 0; at < 2; at++) await api.anyone('GET', '/api/auth/me');
  expect(await used()).toBe(3);
  for (let at = 0; at < 5; at++) expect((await api.anyone('GET', '/api/auth/me')).status).toBe(429);
  expect(await used()).toBe(3);
});

test('what is refused before its caller is known counts as well', async () => {
  api = await startApi({ RATE_LIMIT_ADDRESS: '6' });
  const json = { 'content-type': 'application/json' };
  const refused = [
    await api.anyone('GET', '/api/nothing'),
    await api.anyone('GET', '/api/auth/me'),
    await api.anyone('DELETE', '/api/health'),
    await api.anyone('POST', '/api/auth/login', { raw: '{', headers: json }),
    await api.withToken('no.such.token')('GET', '/api/auth/me'),
  ];
  // The administrator's own request was the first.
  expect(refused.map((answer) => told(answer).join())).toEqual(['404,4', '401,3', '405,', '400,2', '401,1']);
});

describe('rate limits', () => {
  test('429 with Retry-After, counted down before', async () => {
    api = await startApi({ RATE_LIMIT_ADDRESS: '3', RATE_LIMIT_LOGIN: '2' });
    const me = () => api.admin('GET', '/api/auth/me');
    const answers = [await me(), await me(), await me()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers.map(({ headers }) => headers.get('ratelimit-remaining'))).toEqual(['1', '0', '0']);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await api.anyone('GET', '/api/health')).status).toBe(200);
  });

  test('429 for guessing from one address', async () => {
    api = await startApi({ RATE_LIMIT_LOGIN: '2' });
    const guess = () => api.anyone('POST', '/api/auth/login', { body: { email: 'x@mpanel.test', password: 'guess' } });
    // The administrator signed in once from this address.
    expect([(await guess()).status, (await guess()).status]).toEqual([401, 429]);
  });
});

describe('the address', () => {
  test('is that of the connection, whatever it forwards', async () => {
    api = await startApi({ RATE_LIMIT_ADDRESS: '3' });
    const answers = [await api.admin('GET', '/api/auth/me', from('198.51.100.1'))];
    answers.push(await api.admin('GET', '/api/auth/me', from('198.51.100.2')));
    expect(answers.map((answer) => told(answer).join())).toEqual(['200,1', '200,0']);
  });

  test('is the one that a trusted proxy names; of IPv6 the network', async () => {
    api = await startApi({ RATE_LIMIT_ADDRESS: '3', TRUST_PROXY: 'loopback' });
    const asked = ['198.51.100.1', '198.51.100.2', '2001:db8:1:2::1', '2001:db8:1:2:3::4', '2001:db8:1:3::1'];
    const answers = [];
    for (const address of asked) answers.push(told(await api.admin('GET', '/api/auth/me', from(address))));
    expect(answers.map(([, remaining]) => remaining)).toEqual(['2', '2', '2', '1', '2']);
  });
});

test('without a database each process counts for itself', async () => {
  api = await startApi();
  const orm = await openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', pool: 2 });
  const { engine, seal, live } = api;
  const config = { ...api.config, RATE_LIMIT_ADDRESS: 2 };
  const app = createApp({ orm, config, engine, seal, live, logger: createLogger('api', 'silent') });
  const { server, port } = await listen(app, { host: '127.0.0.1', port: 0 });
  const answers = [];
  for (let at = 0; at < 3; at++) {
    const body = JSON.stringify({ email: 'a@b.test', password: 'x' });
    const headers = { 'content-type': 'application/json' };
    answers.push((await fetch(`http://127.0.0.1:${port}/api/auth/login`, { method: 'POST', headers, body })).status);
  }
  expect(answers).toEqual([503, 503, 429]);
  await drain(server);
  await orm.close(true);
});
