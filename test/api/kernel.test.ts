import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApp } from '../../api/app.ts';
import { drain, listen } from '../../api/server.ts';
import { openDatabase } from '../../db/config.ts';
import { Customer } from '../../db/entities/index.ts';
import { createLogger } from '../../runtime/logger.ts';
import { ADMIN, type Api, PERSON, startApi, stock } from './support.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi({ CORS_ORIGINS: 'https://panel.example', METRICS_TOKEN: 'metrics-token' });
});
afterAll(() => api.close());

const json = { 'content-type': 'application/json' };
const person = (email: string) => ({ ...PERSON, email });

describe('what no route wants', () => {
  test.each<[string, number, string, string, string, object]>([
    ['malformed JSON', 400, 'MALFORMED_REQUEST', 'POST', '/api/auth/login', { raw: '{"email":', headers: json }],
    ['a broken path', 400, 'MALFORMED_REQUEST', 'GET', '/api/customers/%E0%A4%A', {}],
    ['an unknown path', 404, 'NOT_FOUND', 'GET', '/api/nothing', {}],
    ['an unknown path outside the API', 404, 'NOT_FOUND', 'GET', '/nothing', {}],
    ['a wrong method', 405, 'METHOD_NOT_ALLOWED', 'DELETE', '/api/health', {}],
    [
      'a body over 1 MiB',
      413,
      'PAYLOAD_TOO_LARGE',
      'POST',
      '/api/auth/login',
      { raw: `"${'x'.repeat(1_100_000)}"`, headers: json },
    ],
    [
      'a body that is not JSON',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'POST',
      '/api/auth/login',
      { raw: 'email=a', headers: { 'content-type': 'text/plain' } },
    ],
    [
      'an unknown charset',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'POST',
      '/api/auth/login',
      { raw: '{}', headers: { 'content-type': 'application/json; charset=latin9' } },
    ],
    ['a NUL', 422, 'VALIDATION_FAILED', 'POST', '/api/auth/login', { body: { email: 'a\0b', password: 'x' } }],
    [
      'half a surrogate pair',
      422,
      'VALIDATION_FAILED',
      'POST',
      '/api/auth/login',
      { body: { email: 'a\ud800', password: 'x' } },
    ],
    [
      'deep nesting',
      422,
      'VALIDATION_FAILED',
      'POST',
      '/api/auth/login',
      { raw: `{"email":${'['.repeat(400_000)}${']'.repeat(400_000)}}`, headers: json },
    ],
    ['a JSON null', 422, 'VALIDATION_FAILED', 'POST', '/api/auth/login', { raw: '[]', headers: json }],
  ])('%s: %i %s', async (_, status, code, method, path, init) => {
    const answer = await api.anyone(method, path, init);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(Object.keys(answer.body)).toEqual(['error']);
    expect(Object.keys(answer.body.error)).toEqual(['code', 'message', 'details']);
    expect(answer.text).not.toMatch(/\bat .*\.ts/);
  });

  test('405 names what is allowed', async () => {
    expect((await api.anyone('DELETE', '/api/health')).headers.get('allow')).toBe('GET, HEAD');
  });

  test.each(['page=0', 'page=x', 'pageSize=201', 'sort=name', 'unknown=1', 'page=1&page=2'])(
    '400 for ?%s',
    async (query) => {
      const { status, body } = await api.admin('GET', `/api/customers?${query}`);
      expect([status, body.error.code]).toEqual([400, 'INVALID_QUERY']);
    },
  );

  test('404 for an id that cannot be one', async () => {
    expect((await api.admin('GET', '/api/customers/42')).status).toBe(404);
  });

  test('422 for a body nobody asked for', async () => {
    const { status } = await api.admin('POST', '/api/jobs/01890000-0000-7000-8000-000000000000/retry', {
      body: { now: true },
    });
    expect(status).toBe(422);
  });
});

describe('headers', () => {
  test('a request id is taken or made', async () => {
    expect(
      (await api.anyone('GET', '/api/health', { headers: { 'x-request-id': 'mine-1' } })).headers.get('x-request-id'),
    ).toBe('mine-1');
    expect((await api.anyone('GET', '/api/health')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('only listed origins may call', async () => {
    const preflight = (origin: string) =>
      api.anyone('OPTIONS', '/api/customers', { headers: { origin, 'access-control-request-method': 'POST' } });
    expect((await preflight('https://panel.example')).headers.get('access-control-allow-origin')).toBe(
      'https://panel.example',
    );
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    const { headers } = await preflight('https://panel.example');
    expect(headers.get('vary')).toContain('Origin');
    expect(headers.get('access-control-allow-headers')).toMatch(/Authorization.*Idempotency-Key.*Last-Event-ID/);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('answers are not cached and not sniffed', async () => {
    const { headers } = await api.admin('GET', '/api/auth/me');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('content-security-policy')).toMatch(/default-src 'self'.*object-src 'none'.*script-src 'self'/);
    expect(headers.get('strict-transport-security')).toMatch(/max-age=\d+/);
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });
});

describe('Idempotency-Key', () => {
  const create = (key: string, email: string) =>
    api.admin('POST', '/api/customers', { headers: { 'idempotency-key': key }, body: person(email) });

  test('the same request again: the same bytes, one effect', async () => {
    const first = await create('key-1', 'once@example.com');
    const again = await create('key-1', 'once@example.com');
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await api.orm.em.fork().count(Customer, { email: 'once@example.com' })).toBe(1);
  });

  test('many at once: one effect, one answer', async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => create('key-2', 'race@example.com')));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
  });

  test('422 for another body', async () => {
    await create('key-3', 'three@example.com');
    const { status, body } = await create('key-3', 'four@example.com');
    expect([status, body.error.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  test('a refusal keeps nothing: the key can be used again', async () => {
    expect((await create('key-4', 'once@example.com')).status).toBe(409);
    expect((await create('key-4', 'five@example.com')).status).toBe(201);
  });

  test('a key is one caller’s own', async () => {
    const other = { email: 'second.admin@mpanel.test', password: 'second admin password' };
    await api.admin('POST', '/api/users', { body: { ...other, name: 'S', roles: ['admin'] } });
    const call = await api.signIn(other);
    await create('key-5', 'six@example.com');
    const { status } = await call('POST', '/api/customers', {
      headers: { 'idempotency-key': 'key-5' },
      body: person('seven@example.com'),
    });
    expect(status).toBe(201);
  });

  test('400 for a key that is none', async () => {
    expect((await create('x'.repeat(256), 'eight@example.com')).status).toBe(400);
  });
});

describe('beside the contract', () => {
  test('/metrics for loopback or the token, not for what a proxy forwards', async () => {
    expect((await api.anyone('GET', '/metrics')).text).toContain('http_request_duration_seconds_bucket');
    const forwarded = { 'x-forwarded-for': '203.0.113.7' };
    expect((await api.anyone('GET', '/metrics', { headers: forwarded })).status).toBe(404);
    const bearer = { ...forwarded, authorization: 'Bearer metrics-token' };
    expect((await api.anyone('GET', '/metrics', { headers: bearer })).status).toBe(200);
  });

  test('/openapi.json describes every route, with every reference leading somewhere', async () => {
    const { body, text } = await api.anyone('GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(body.paths['/api/dns/zones/{id}/records/{recordId}'].put).toBeDefined();
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      (match) => match[1] as string,
    );
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((name) => !(name in body.components.schemas))).toEqual([]);
  });

  test('/docs is a page from our own disk', async () => {
    const page = await api.anyone('GET', '/docs');
    const [, script = ''] = /src="([^"]+bundle[^"]+)"/.exec(page.text) ?? [];
    expect((await api.anyone('GET', script)).status).toBe(200);
    expect(page.text).not.toMatch(/https?:\/\//);
  });

  test('/docs tries requests at the origin where it was opened, the only one that its policy allows', async () => {
    const { text } = await api.anyone('GET', '/docs/start.js');
    const origin = 'http://localhost:2271';
    const shown = await new Promise((SwaggerUIBundle) =>
      runInNewContext(text, {
        SwaggerUIBundle,
        location: { origin },
        fetch: (path: string) => fetch(`${api.url}${path}`),
      }),
    );
    expect(shown).toMatchObject({ spec: { servers: [{ url: origin }], paths: { '/api/health': expect.anything() } } });
  });

  test('/api/status tells how each part is', async () => {
    api.engine.down = true;
    const { body } = await api.admin('GET', '/api/status');
    api.engine.down = false;
    expect(body).toMatchObject({
      mode: 'sandbox',
      dependencies: { database: 'ok', redis: 'ok', queue: 'down', proxmox: 'unknown' },
    });
    expect((await api.anyone('GET', '/api/status')).status).toBe(401);
  });

  test('/api/status asks what processes share, rather than believe in it', async () => {
    const deaf = await startApi();
    await deaf.live.close();
    const { body } = await deaf.admin('GET', '/api/status');
    expect(body).toMatchObject({
      dependencies: { database: 'ok', redis: 'down' },
      parts: { redis: { plays: 'PostgreSQL' } },
    });
    await deaf.close();
  });

  test('503 when the database is gone, and no word about it', async () => {
    const orm = await openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', pool: 2 });
    const { config, engine, seal } = api;
    const app = createApp({ orm, config, engine, seal, live: api.live, logger: createLogger('api', 'silent') });
    const { server, port } = await listen(app, { host: '127.0.0.1', port: 0 });
    const body = JSON.stringify({ email: 'a@b.test', password: 'x' });
    const answer = await fetch(`http://127.0.0.1:${port}/api/auth/login`, { method: 'POST', headers: json, body });
    expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
      503,
      'UNAVAILABLE',
    ]);
    await drain(server);
    await orm.close(true);
  });

  test('a stop finishes what runs and takes nothing new', async () => {
    const { orm, config, engine, seal } = api;
    const app = createApp({ orm, config, engine, seal, live: api.live, logger: createLogger('api', 'silent') });
    const { server, port } = await listen(app, { host: '127.0.0.1', port: 0 });
    const url = `http://127.0.0.1:${port}/api`;
    const entered = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    engine.delivery = async (): Promise<'sent'> => {
      entered.resolve();
      await held.promise;
      return 'sent';
    };
    const { tenantId, products } = await stock(api);
    const customer = (await api.admin('POST', '/api/customers', { body: person(`stop.${tenantId}@example.com`) })).body;
    const { token } = (await api.anyone('POST', '/api/auth/login', { body: ADMIN })).body;
    const order = fetch(`${url}/orders`, {
      method: 'POST',
      headers: { ...json, authorization: `Bearer ${token}` },
      body: JSON.stringify({
        customerId: customer.id,
        items: [{ productId: products.pod.id, billingCycle: 'monthly', quantity: 1 }],
      }),
    });
    await entered.promise;
    const drained = drain(server);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    held.resolve();
    expect((await order).status).toBe(201);
    await drained;
    engine.delivery = () => 'sent';
  });

  test('503 until the database is there', async () => {
    const { orm, config, engine, seal } = api;
    const readiness = { ready: false };
    const app = createApp(
      { orm, config, engine, seal, live: api.live, logger: createLogger('api', 'silent') },
      readiness,
    );
    const { server, port } = await listen(app, { host: '127.0.0.1', port: 0 });
    expect((await fetch(`http://127.0.0.1:${port}/api/health`)).status).toBe(503);
    readiness.ready = true;
    expect(await (await fetch(`http://127.0.0.1:${port}/api/health`)).json()).toEqual({
      status: 'ok',
      service: 'mpanel-api',
    });
    await drain(server);
  });
});

describe('rate limits', () => {
  test('429 with Retry-After, counted down before', async () => {
    const tight = await startApi({ RATE_LIMIT_ADDRESS: '3', RATE_LIMIT_LOGIN: '2' });
    const me = () => tight.admin('GET', '/api/auth/me');
    const answers = [await me(), await me(), await me()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers.map(({ headers }) => headers.get('ratelimit-remaining'))).toEqual(['1', '0', '0']);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await tight.anyone('GET', '/api/health')).status).toBe(200);
    await tight.close();
  });

  test('429 for guessing from one address', async () => {
    const tight = await startApi({ RATE_LIMIT_LOGIN: '2' });
    const guess = () =>
      tight.anyone('POST', '/api/auth/login', { body: { email: 'x@mpanel.test', password: 'guess' } });
    // The administrator signed in once from this address.
    expect([(await guess()).status, (await guess()).status]).toEqual([401, 429]);
    await tight.close();
  });
});
