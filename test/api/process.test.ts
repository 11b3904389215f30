import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { openEvents } from '../support/events.ts';
import { databaseOfBefore, freshDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const MAIN = join(import.meta.dirname, '../../api/main.ts');

let child: ChildProcess | undefined;
afterEach(async () => {
  if (child && child.exitCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** The API as a process of its own; what it says is kept. */
function start(url: string, port: number, more: Record<string, string> = {}) {
  const said: string[] = [];
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: url,
    PORT: `${port}`,
    JWT_SECRET: 'x'.repeat(32),
    SEAL_KEY: Buffer.alloc(32).toString('base64'),
    LOG_LEVEL: 'error',
    ...more,
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

describe('told to stop', () => {
  const login = { ADMIN_EMAIL: 'root@mpanel.test', ADMIN_PASSWORD: 'a long enough password' };

  /** A process with somebody signed in, a stream that is followed and a request that waits for a lock of ours. */
  async function busy(more: Record<string, string> = {}) {
    const database = await freshDatabase();
    const port = await freePort();
    const api = start(database.url, port, { ...login, ...more });
    await health(port, 200);
    const { token } = await send(port, 'POST', '/auth/login', {
      email: login.ADMIN_EMAIL,
      password: login.ADMIN_PASSWORD,
    });
    const person = { name: 'C', email: 'c@example.com' };
    const customer = await send(port, 'POST', '/customers', person, token);
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    const { rows } = await other.query(
      `insert into job (id, tenant_id, type, target_id, workflow_id) select gen_random_uuid(), id, 'dns_apply', id, 'w' from tenant returning id`,
    );
    const headers = { authorization: `Bearer ${token}` };
    const stream = await openEvents(`http://127.0.0.1:${port}/api/jobs/${rows[0].id}/events`, headers);
    await stream.take(1);
    await other.query('begin');
    await other.query('select from customer where id = $1 for update', [customer.id]);
    const slow = send(port, 'PUT', `/customers/${customer.id}`, { name: 'D' }, token);
    await until('the request waits', async () => {
      const waiting = await other.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      );
      return waiting.rowCount;
    });
    return {
      ...api,
      ...{ port, stream, slow },
      release: () => other.query('rollback'),
      async close() {
        await other.end();
        await database.drop();
      },
    };
  }

  async function send(port: number, method: string, path: string, body: object, token?: string) {
    const answer = await fetch(`http://127.0.0.1:${port}/api${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Record<string, string>;
  }

  test('it answers what runs, ends its streams, takes nobody new, and exits', async () => {
    const { process, port, slow, stream, release, close } = await busy();
    process.kill('SIGTERM');
    expect(await stream.rest()).toEqual([]);
    expect(stream.text()).toMatch(/retry: \d+\n\n$/);
    await expect(fetch(`http://127.0.0.1:${port}/api/health`)).rejects.toThrow();
    expect(process.exitCode).toBeNull();
    await release();
    expect((await slow).name).toBe('D');
    expect(process.exitCode ?? (await once(process, 'exit'))[0]).toBe(0);
    await close();
  });

  test('it does not wait for ever', async () => {
    const { process, slow, close } = await busy({ STOP_SECONDS: '1' });
    const cut = expect(slow).rejects.toThrow();
    process.kill('SIGTERM');
    await once(process, 'exit');
    await cut;
    await close();
  });
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
