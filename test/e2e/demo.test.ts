import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { ROOT } from '../../scripts/launch/context.ts';
import { readJson } from '../../scripts/launch/files.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import { until } from '../support/until.ts';

const children = new Set<ChildProcess>();

afterEach(async () => {
  for (const child of children) child.kill('SIGTERM');
  for (const child of children)
    await new Promise((done) => (child.exitCode === null ? child.once('exit', done) : done(0)));
  children.clear();
});

/** npm run demo, on servers of its own. */
function demo(dataDir: string, port: number, args: string[] = [], settings: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME, CI, TEMPORAL_CLI_PATH } = process.env;
  const env = { PATH, HOME, CI, TEMPORAL_CLI_PATH, DATA_DIR: dataDir, PORT: String(port), SANDBOX_SPEED: '0.2' };
  const child = spawn(process.execPath, [join(ROOT, 'scripts/demo.ts'), ...args], {
    cwd: ROOT,
    env: { ...env, ...settings },
  });
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = new Promise<number | null>((done) => child.once('close', done));
  return {
    code,
    output: () => output,
    stop: () => child.kill('SIGINT'),
    /** What it brings about while it runs; else the error has what it said. */
    async expected<T>(what: string, ask: () => T | undefined): Promise<NonNullable<T>> {
      const ended = code.then((value) => Promise.reject(new Error(`it ended with ${value}`)));
      return Promise.race([until(what, ask, 120_000), ended]).catch((error) => {
        throw new Error(`${error.message}, having said:\n${output}`);
      });
    },
  };
}

test('it proves all and stops, and run again names what does not hold and stays up until Ctrl-C', async () => {
  const dataDir = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'demo-'));
  const port = await freePort();
  const first = demo(dataDir, port, ['--exit']);
  expect([await first.code, first.output()]).toEqual([0, expect.stringMatching(/All 7 proofs hold/)]);
  expect(first.output().match(/^ {2}✓ /gm)).toHaveLength(7);
  expect(first.output()).not.toMatch(/✗/);
  for (const label of ['API', 'API docs', 'Temporal UI', 'Metrics', 'Sandbox control', '.*mail sink', '.*checkout'])
    expect(first.output()).toMatch(new RegExp(`^ *${label} +http://127\\.0\\.0\\.1:\\d+`, 'm'));
  expect(first.output()).toMatch(/API, docs +admin@mpanel\.test \/ \S+/);
  expect(first.output()).toMatch(/Mailbox +hello@demo-\w+\.example \/ \S+ by POP3/);

  const second = demo(dataDir, port);
  const control = await second.expected('run.json', () => controlUrl(dataDir));
  const fault = { match: '^POP3 PASS', phase: 'before', times: null, action: { kind: 'status', status: 500 } };
  await fetch(`${control}/mail/faults`, { method: 'POST', body: JSON.stringify(fault) });
  await second.expected('its end', () => second.output().includes('Up until Ctrl-C'));
  expect(second.output()).toMatch(/^Not proved: mailbox\.$/m);
  expect((await fetch(`http://127.0.0.1:${port}/api/health`)).status).toBe(200);
  second.stop();
  expect(await second.code).toBe(1);
}, 300_000);

test('it refuses options it does not know, and live', async () => {
  const dataDir = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'demo-'));
  const unknown = demo(dataDir, 0, ['--fast']);
  const live = demo(dataDir, 0, [], { MPANEL_MODE: 'live' });
  expect([await unknown.code, unknown.output()]).toEqual([64, expect.stringMatching(/^Unknown option '--fast'/)]);
  expect([await live.code, live.output()]).toEqual([78, expect.stringMatching(/^The demo pays with .*\n$/)]);
});

function controlUrl(dataDir: string): string | undefined {
  return readJson<{ parts: { sandbox: { controlUrl: string } } }>(join(dataDir, 'run.json'))?.parts.sandbox.controlUrl;
}
