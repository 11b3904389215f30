import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { callHttp, retryAfterMs } from '../../providers/http.ts';

let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((req, res) => {
    if (req.url === '/cut') return res.socket?.destroy();
    if (req.url === '/half') {
      res.writeHead(200, { 'content-length': '10' });
      return res.write('half', () => res.socket?.destroy());
    }
    if (req.url === '/moved') return res.writeHead(301, { location: '/' }).end();
    if (req.url !== '/silent') res.writeHead(418, 'Tea Only').end('pot');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
});

const call = (method: string, path: string, signal?: AbortSignal) =>
  callHttp({ provider: 'p', operation: 'o', url: url + path, method, timeoutMs: 100, signal });

test('any status is an answer', async () => {
  expect(await call('POST', '/')).toMatchObject({ status: 418, reason: 'Tea Only', text: 'pot' });
});

test.each([
  ['GET', '/cut', 'unavailable', 'UND_ERR_SOCKET'],
  ['POST', '/cut', 'unknown', 'UND_ERR_SOCKET'],
  ['POST', '/half', 'unknown', 'UND_ERR_SOCKET'],
  ['GET', '/silent', 'unavailable', 'TIMEOUT'],
  ['PUT', '/silent', 'unknown', 'TIMEOUT'],
])('%s %s is %s', async (method, path, kind, code) => {
  await expect(call(method, path)).rejects.toMatchObject({ name: 'ProviderError', kind, code });
});

test('a redirect is not followed: it would carry our credentials elsewhere', async () => {
  await expect(call('GET', '/moved')).rejects.toMatchObject({ kind: 'unavailable' });
});

test('a caller that gives up ends the call', async () => {
  await expect(call('POST', '/silent', AbortSignal.timeout(5))).rejects.toMatchObject({ kind: 'unknown' });
});

test.each([
  ['120', 120_000],
  ['0', 0],
  ['-5', 0],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ['soon', undefined],
  ['', undefined],
])('Retry-After: %s', (value, ms) => {
  expect(retryAfterMs(new Headers({ 'retry-after': value }), Date.parse('2026-01-01T00:00:00Z'))).toBe(ms);
});
