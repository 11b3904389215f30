import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { jobsBlocked } from '../../runtime/metrics.ts';
import { mayRead, serveHealth } from '../../workers/health.ts';

const sdk = createServer((_, res) => res.end('temporal_long_request 1\n'));
let health: Awaited<ReturnType<typeof serveHealth>>;
beforeAll(async () => {
  await new Promise<void>((done) => sdk.listen(0, '127.0.0.1', done));
  const sdkMetricsUrl = `http://127.0.0.1:${(sdk.address() as AddressInfo).port}/metrics`;
  const problem = async () => 'starting';
  health = await serveHealth({ host: '127.0.0.1', port: 0, metricsToken: 'a-token', problem, sdkMetricsUrl });
});
afterAll(() => {
  health.close();
  sdk.close();
});

const at = (path: string) => fetch(`http://127.0.0.1:${(health.address() as AddressInfo).port}${path}`);

test('one look shows the metrics of the platform and of Temporal', async () => {
  jobsBlocked.set(3);
  const text = await (await at('/metrics')).text();
  expect(text).toMatch(/^mpanel_jobs_blocked 3$/m);
  expect(text).toMatch(/^temporal_long_request 1$/m);
});

test('whoever is not ready says why', async () => {
  const answer = await at('/health');
  expect([answer.status, await answer.json()]).toEqual([503, { ready: false, problem: 'starting' }]);
});

test.each([
  ['::ffff:127.0.0.1', undefined, true],
  ['192.0.2.7', undefined, false],
  ['192.0.2.7', 'Bearer wrong', false],
  ['192.0.2.7', 'Bearer a-token', true],
  [undefined, undefined, false],
])('%s with %s reads the metrics: %s', (address, authorization, may) => {
  expect(mayRead(address, authorization, 'a-token')).toBe(may);
  if (authorization) expect(mayRead(address, authorization, undefined)).toBe(false);
});
