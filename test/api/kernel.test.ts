import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Api, startApi } from './support.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi({ CORS_ORIGINS: 'https://panel.example' });
});
afterAll(() => api.close());

const json = { 'content-type': 'application/json' };

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
