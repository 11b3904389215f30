import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createMailHost } from '../../../providers/mailhost/client.ts';
import type { MailHost } from '../../../providers/mailhost/port.ts';
import { type FreshDatabase, freshDatabase } from '../../support/postgres.ts';

const DKIM = { selector: 's1', privateKeyPem: '-----BEGIN PRIVATE KEY-----' };
const MAILBOX = { passwordHash: '{ARGON2ID}$argon2id$x', quotaMb: 1024, active: true };

let database: FreshDatabase;
let host: MailHost;
let direct: pg.Pool;
beforeAll(async () => {
  database = await freshDatabase({ empty: true });
  host = createMailHost({ databaseUrl: database.url });
  direct = new pg.Pool({ connectionString: database.url });
  await Promise.all(Array.from({ length: 4 }, () => host.migrate()));
});
afterAll(async () => {
  await host.close();
  await direct.end();
  await database.drop();
});
afterEach(() => host.deleteDomain('example.com'));

const rows = async (statement: string) => (await direct.query(statement)).rows;

test('migrate, which several ran at once on the empty database, runs again', async () => {
  await host.migrate();
});

test('a domain is made, found again, and made equal', async () => {
  await host.ensureDomain('Example.com', { active: true, dkim: DKIM });
  await host.ensureDomain('example.com', { active: false, dkim: { ...DKIM, selector: 's2' } });
  const [row, ...others] = await rows('select * from virtual_domains');
  expect(row).toMatchObject({ name: 'example.com', active: false, dkim_selector: 's2' });
  expect(others).toEqual([]);
});

test('a mailbox is made, read, made equal, and keeps its maildir', async () => {
  await host.ensureDomain('example.com', { active: true, dkim: DKIM });
  await host.ensureMailbox('Anna@Example.com', MAILBOX);
  const [before] = await rows('select * from virtual_mailboxes');
  expect(before).toMatchObject({ address: 'anna@example.com', domain: 'example.com', password: MAILBOX.passwordHash });
  await host.ensureMailbox('anna@example.com', { ...MAILBOX, quotaMb: 5, active: false });
  expect(await host.readMailbox('ANNA@example.com')).toEqual({ quotaMb: 5, active: false });
  expect((await rows('select maildir from virtual_mailboxes'))[0].maildir).toBe(before.maildir);
  expect(await host.readMailbox('bert@example.com')).toBeUndefined();
});

test('deleting is repeatable; the maildir goes to the trash and never to the next owner', async () => {
  await host.ensureDomain('example.com', { active: true, dkim: DKIM });
  await host.ensureMailbox('anna@example.com', MAILBOX);
  const [{ maildir }] = await rows('select maildir from virtual_mailboxes');
  await host.deleteMailbox('anna@example.com');
  await host.deleteMailbox('anna@example.com');
  await host.ensureMailbox('anna@example.com', MAILBOX);
  const [next] = await rows('select maildir from virtual_mailboxes');
  expect(next.maildir).not.toBe(maildir);
  await host.deleteDomain('example.com');
  await host.deleteDomain('example.com');
  expect(await host.readMailbox('anna@example.com')).toBeUndefined();
  const trash = (await rows('select maildir from maildir_trash')).map((row) => row.maildir);
  expect(trash).toEqual(expect.arrayContaining([maildir, next.maildir]));
});

test('a mailbox in a domain that is not there is absent, a quota of nothing refused', async () => {
  await expect(host.ensureMailbox('a@nowhere.test', MAILBOX)).rejects.toMatchObject({ kind: 'absent', code: '23503' });
  await host.ensureDomain('example.com', { active: true, dkim: DKIM });
  const nothing = host.ensureMailbox('a@example.com', { ...MAILBOX, quotaMb: 0 });
  await expect(nothing).rejects.toMatchObject({ kind: 'refused', provider: 'mailhost', operation: 'ensureMailbox' });
});

test('a read-only database is busy', async () => {
  const url = new URL(database.url);
  url.searchParams.set('options', '-c default_transaction_read_only=on');
  const standby = createMailHost({ databaseUrl: url.href });
  const refused = standby.ensureDomain('example.com', { active: true, dkim: DKIM });
  await expect(refused).rejects.toMatchObject({ kind: 'busy', code: '25006' });
  expect(await standby.readMailbox('anna@example.com')).toBeUndefined();
  await standby.close();
});

test('no server is unavailable, missing tables are denied', async () => {
  const gone = createMailHost({ databaseUrl: 'postgres://x@127.0.0.1:1/x' });
  await expect(gone.readMailbox('a@example.com')).rejects.toMatchObject({ kind: 'unavailable', code: 'ECONNREFUSED' });
  await gone.close();
  const bare = await freshDatabase({ empty: true });
  const unmigrated = createMailHost({ databaseUrl: bare.url });
  await expect(unmigrated.readMailbox('a@example.com')).rejects.toMatchObject({ kind: 'denied', code: '42P01' });
  await unmigrated.close();
  await bare.drop();
});

test('a connection that breaks is unknown in a write, unavailable in a read; the next call works', async () => {
  await host.ensureDomain('example.com', { active: true, dkim: DKIM });
  const proxy = await breakableProxy(database.url);
  const fragile = createMailHost({ databaseUrl: proxy.url });
  await fragile.readMailbox('anna@example.com');
  proxy.breakAtNextByte();
  await expect(fragile.ensureMailbox('anna@example.com', MAILBOX)).rejects.toMatchObject({ kind: 'unknown' });
  await fragile.readMailbox('anna@example.com');
  proxy.breakAtNextByte();
  await expect(fragile.readMailbox('anna@example.com')).rejects.toMatchObject({ kind: 'unavailable' });
  await fragile.ensureMailbox('anna@example.com', MAILBOX);
  await fragile.close();
  await proxy.close();
});

/** Hands bytes to the server until told to break: then the statement gets through and its answer does not. */
async function breakableProxy(databaseUrl: string) {
  const to = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let breaking = false;
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (bytes) => upstream.write(bytes));
    client.on('close', () => upstream.destroy());
    upstream.on('data', (bytes) => {
      if (!breaking) return client.write(bytes);
      breaking = false;
      client.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const from = new URL(databaseUrl);
  from.host = `127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    url: from.href,
    breakAtNextByte: () => {
      breaking = true;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
