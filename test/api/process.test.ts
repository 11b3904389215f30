import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { databaseOfBefore, freshDatabase } from '../support/postgres.ts';

const MAIN = join(import.meta.dirname, '../../api/main.ts');

let child: ChildProcess | undefined;
afterEach(async () => {
  if (child && child.exitCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** The API as a process of its own; what it says is kept. */
function start(url: string, port: number) {
  const said: string[] = [];
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: url,
    PORT: `${port}`,
    JWT_SECRET: 'x'.repeat(32),
    SEAL_KEY: Buffer.alloc(32).toString('base64'),
    LOG_LEVEL: 'error',
  };
  child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], { env });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(String(chunk)));
  return { process: child, said };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function health(port: number, wanted: number): Promise<void> {
  for (;;) {
    const status = await fetch(`http://127.0.0.1:${port}/api/health`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === wanted) return;
  }
}

/** The way to the database, opened when the test says so. */
function tunnel(url: string, port: number): Server {
  const { hostname, port: target } = new URL(url);
  return createServer((from) => {
    const to = connect(Number(target), hostname);
    from.pipe(to).pipe(from);
    from.on('error', () => to.destroy());
    to.on('error', () => from.destroy());
  }).listen(port, '127.0.0.1');
}

test('starts before its database, prints a generated password once, ends on SIGTERM', async () => {
  const database = await freshDatabase();
  const [port, way] = [await freePort(), await freePort()];
  const url = new URL(database.url);
  url.port = `${way}`;
  const { process, said } = start(url.href, port);
  await health(port, 503);
  const open = tunnel(database.url, way);
  await health(port, 200);
  const [, email, password] = /administrator: (\S+) password: (\S+)/.exec(said.join('')) ?? [];
  const login = await fetch(`http://127.0.0.1:${port}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  expect(login.status).toBe(200);
  process.kill('SIGTERM');
  const [code] = await once(process, 'exit');
  expect(code).toBe(0);
  open.close();
  await database.drop();
});

test.each([
  ['is older', databaseOfBefore, '1'],
  ['is not there', () => freshDatabase({ empty: true }), '\\d+'],
])('refuses a schema that %s with one sentence', async (_, make, lacks) => {
  const database = await make();
  const { process, said } = start(database.url, await freePort());
  const [code] = await once(process, 'exit');
  expect(code).not.toBe(0);
  expect(said.join('')).toMatch(
    new RegExp(`^mpanel-api: the database lacks ${lacks} migration\\(s\\) of this version: run npm run migrate\n$`),
  );
  await database.drop();
});

test('says in one sentence that its port is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { process, said } = start('postgres://nobody@127.0.0.1:1/none', (taken.address() as AddressInfo).port);
  const [code] = await once(process, 'exit');
  expect(code).not.toBe(0);
  expect(said.join('')).toMatch(/^mpanel-api: the port is in use[^\n]*\n$/);
  taken.close();
});
