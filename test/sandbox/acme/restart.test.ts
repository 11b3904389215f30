import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createAcme } from '../../../providers/acme/client.ts';
import { createKey } from '../../../providers/acme/csr.ts';
import type { Acme } from '../../../providers/acme/port.ts';
import { start } from '../../../sandbox/acme/index.ts';
import { type Running, standIn } from '../../../sandbox/lib/stand-in.ts';
import { Store } from '../../../sandbox/lib/store.ts';
import { type Dns, startDns } from '../../providers/acme/dns.ts';
import { issue, prove, until } from '../../providers/acme/steps.ts';
import { pebbleIsHere } from '../../support/pebble.ts';

let dir: string;
let dns: Dns;
let elsewhere: Dns;
const up: Booted[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mpanel-acme-'));
  dns = await startDns();
  elsewhere = await startDns();
});

afterEach(async () => {
  for (const booted of [...up]) await stop(booted);
  await dns.close();
  await elsewhere.close();
  rmSync(dir, { recursive: true });
});

/** The CA as it starts on the state that is there, at the port it had. */
async function boot({
  speed = 0,
  port = 0,
  env = {},
}: {
  speed?: number;
  port?: number;
  env?: Record<string, string>;
}) {
  const store = new Store(join(dir, 'state.sqlite'));
  const around = { host: '127.0.0.1', port: async () => port, dir, speed, env: { DNS_ADDRESS: dns.address, ...env } };
  const running = await start(standIn('acme', store), around);
  const acme = createAcme({ directoryUrl: running.env.ACME_DIRECTORY_URL!, timeoutMs: 2000 });
  const booted = { running, acme, store, port: Number(new URL(running.env.ACME_DIRECTORY_URL!).port) };
  up.push(booted);
  return booted;
}

type Booted = { running: Running; acme: Acme; store: Store; port: number };

async function stop(booted: Booted) {
  up.splice(up.indexOf(booted), 1);
  await booted.running.close();
  booted.store.close();
}

describe('after a restart our CA', () => {
  test('knows accounts, orders and certificates, and issues under the same root', async () => {
    const first = await boot({});
    const keyPem = await createKey();
    const account = { keyPem, url: await first.acme.ensureAccount(keyPem, 'a@b.example') };
    const order = await prove(first.acme, account, await first.acme.newOrder(account, ['shop.example']), dns);
    const root = readFileSync(join(dir, 'acme-root.pem'), 'utf8');
    await stop(first);

    const second = await boot({ port: first.port });
    expect(await second.acme.ensureAccount(keyPem, 'a@b.example')).toBe(account.url);
    const { certificate } = await issue(second.acme, account, order);
    expect(readFileSync(join(dir, 'acme-root.pem'), 'utf8')).toBe(root);
    await stop(second);

    const third = await boot({ port: first.port });
    expect(await third.acme.certificate(account, (await third.acme.order(account, order.url))!.certificate!)).toEqual(
      certificate,
    );
  });

  test('is not held against the nonces of before', async () => {
    const first = await boot({});
    const keyPem = await createKey();
    const account = { keyPem, url: await first.acme.ensureAccount(keyPem, 'a@b.example') };
    const names = Array.from({ length: 30 }, (_, at) => `host-${at}.example`);
    await Promise.all(names.map((name) => first.acme.newOrder(account, [name])));
    await stop(first);

    await boot({ port: first.port });
    await first.acme.newOrder(account, ['shop.example']);
  });

  test('takes up a check that was cut off', async () => {
    const first = await boot({ speed: 1000 });
    const keyPem = await createKey();
    const account = { keyPem, url: await first.acme.ensureAccount(keyPem, 'a@b.example') };
    const order = await first.acme.newOrder(account, ['shop.example']);
    const { dns01 } = await first.acme.authorization(account, order.authorizations[0]!);
    dns.txt.set('_acme-challenge.shop.example', [dns01!.txt]);
    await first.acme.challengeReady(account, dns01!.url);
    await stop(first);
    expect(dns.asked).toBe(0);

    const second = await boot({ port: first.port });
    await until(
      () => second.acme.order(account, order.url),
      (one) => one?.status === 'ready',
    );
  });
});

if (await pebbleIsHere())
  test('the Pebble of a sandbox that was killed is ended by the next', async () => {
    const first = await boot({ env: { SANDBOX_ACME: 'pebble' } });
    const { pid } = (await first.running.state()) as { pid: number };
    await boot({ env: { SANDBOX_ACME: 'pebble' } });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

test('a CA that has nobody to ask does not start', async () => {
  await expect(boot({ env: { DNS_ADDRESS: '' } })).rejects.toThrow('DNS_ADDRESS');
});

test('several DNS servers must all agree', async () => {
  const ca = await boot({ env: { DNS_ADDRESS: `${dns.address},${elsewhere.address}` } });
  const keyPem = await createKey();
  const account = { keyPem, url: await ca.acme.ensureAccount(keyPem, 'a@b.example') };
  const order = await prove(ca.acme, account, await ca.acme.newOrder(account, ['shop.example']), dns);
  expect(order).toMatchObject({ status: 'invalid', error: expect.stringContaining('No TXT record') });
});
