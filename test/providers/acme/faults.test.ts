import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createAcme } from '../../../providers/acme/client.ts';
import { createKey, createRequest } from '../../../providers/acme/csr.ts';
import type { Acme, AcmeAccount } from '../../../providers/acme/port.ts';
import { start } from '../../../sandbox/acme/index.ts';
import { startStandIn } from '../../support/sandbox.ts';
import { type Dns, startDns } from './dns.ts';
import { handshake } from './handshake.ts';
import { issue, prove, until } from './steps.ts';

let dns: Dns;
let ca: Awaited<ReturnType<typeof startStandIn>>;
let acme: Acme;
let account: AcmeAccount;
let serial = 0;

beforeAll(async () => {
  dns = await startDns();
  ca = await startStandIn('acme', start, { env: { DNS_ADDRESS: dns.address } });
  acme = createAcme({ directoryUrl: ca.env.ACME_DIRECTORY_URL!, timeoutMs: 2000 });
  const keyPem = await createKey();
  account = { keyPem, url: await acme.ensureAccount(keyPem, 'certificates@hoster.example') };
});

afterEach(() => ca.self.faults.clear());

afterAll(async () => {
  await dns.close();
  await ca.close();
});

const freshName = () => `host-${++serial}.example`;
const switchOn = (name: string, data?: unknown, more: { match?: string; times?: number | null } = {}) =>
  ca.self.faults.add({ match: '.', phase: 'switch', action: { kind: 'switch', name, data }, ...more });
const calls = (match: string) => ca.self.log.list({ match }).length;
const ready = async (name: string) => prove(acme, account, await acme.newOrder(account, [name]), dns);
const urn = (name: string) => `urn:ietf:params:acme:error:${name}`;

describe('nonces', () => {
  test('a storm of refusals is ridden out', async () => {
    switchOn('bad-nonce', { percent: 100 }, { times: 9 });
    const before = calls('new-order');
    await acme.newOrder(account, [freshName()]);
    expect(calls('new-order') - before).toBe(10);
  });

  test('a storm without end is busy, after a bounded number of tries', async () => {
    switchOn('bad-nonce', { percent: 100 }, { times: null });
    const before = calls('new-order');
    const error = { kind: 'busy', code: urn('badNonce') };
    await expect(acme.newOrder(account, [freshName()])).rejects.toMatchObject(error);
    expect(calls('new-order') - before).toBe(20);
  });

  test('one is fetched where the last answer brought none', async () => {
    switchOn('edge-503', {}, { match: 'new-order' });
    await expect(acme.newOrder(account, [freshName()])).rejects.toMatchObject({ kind: 'busy' });
    const before = calls('new-nonce');
    await acme.newOrder(account, [freshName()]);
    expect(calls('new-nonce') - before).toBe(1);
  });
});

describe('not now', () => {
  test('a rate limit is busy for as long as the CA says, and nothing was made', async () => {
    switchOn('rate-limited', { seconds: 7200 }, { match: 'new-order' });
    const { orders } = (await ca.running.state()) as { orders: unknown[] };
    const error = { kind: 'busy', code: urn('rateLimited'), retryAfterMs: 7_200_000 };
    await expect(acme.newOrder(account, [freshName()])).rejects.toMatchObject(error);
    expect(((await ca.running.state()) as { orders: unknown[] }).orders).toHaveLength(orders.length);
  });

  test('a 503 of the edge is busy too, at the directory and at any step', async () => {
    switchOn('edge-503', { seconds: 30 }, { times: 2 });
    const fresh = createAcme({ directoryUrl: ca.env.ACME_DIRECTORY_URL!, timeoutMs: 2000 });
    const error = { kind: 'busy', code: '503', retryAfterMs: 30_000 };
    await expect(fresh.ensureAccount(account.keyPem, 'a@b.example')).rejects.toMatchObject(error);
    await expect(acme.order(account, ca.running.urls.directory!)).rejects.toMatchObject(error);
    expect(await fresh.ensureAccount(account.keyPem, 'a@b.example')).toBe(account.url);
  });
});

describe('orders that are not what was asked for', () => {
  test('an order made twice is one while it is open', async () => {
    const name = freshName();
    expect((await acme.newOrder(account, [name])).url).toBe((await acme.newOrder(account, [name])).url);
  });

  test('an order can be ready from the start, by authorizations of earlier', async () => {
    const name = freshName();
    await issue(acme, account, await ready(name));
    const again = await acme.newOrder(account, [name]);
    expect(again.status).toBe('ready');
    switchOn('authz-reused');
    expect((await acme.newOrder(account, [freshName()])).status).toBe('ready');
  });

  test('an order can be valid from the start, with its certificate', async () => {
    const name = freshName();
    const { order, certificate } = await issue(acme, account, await ready(name));
    switchOn('order-already-valid');
    const again = await acme.newOrder(account, [name]);
    expect(again).toMatchObject({ url: order.url, status: 'valid' });
    expect(await acme.certificate(account, again.certificate!)).toEqual(certificate);
  });

  test('an order that expired between steps is gone', async () => {
    const order = await ready(freshName());
    switchOn('order-expired-between-steps', undefined, { match: 'finalize' });
    const { csrPem } = await createRequest(order.identifiers);
    await expect(acme.finalize(account, order, csrPem)).rejects.toMatchObject({ kind: 'absent' });
    expect(await acme.order(account, order.url)).toBeUndefined();
  });
});

describe('validation', () => {
  test('a check that fails from elsewhere makes authorization and order invalid, with the reason', async () => {
    const reason = 'During secondary validation: CAA record for example prevents issuance';
    switchOn('authz-invalid', { reason, type: 'caa' });
    const order = await acme.newOrder(account, [freshName()]);
    const [url] = order.authorizations;
    await acme.challengeReady(account, (await acme.authorization(account, url!)).dns01!.url);
    const failed = await until(
      () => acme.authorization(account, url!),
      (one) => one.status !== 'pending',
    );
    expect(failed).toMatchObject({ status: 'invalid', dns01: { error: `caa: ${reason}` } });
    expect(await acme.order(account, order.url)).toMatchObject({ status: 'invalid', error: `caa: ${reason}` });
  });

  test('an alias of the challenge name is followed', async () => {
    const name = freshName();
    const order = await acme.newOrder(account, [name]);
    const { dns01 } = await acme.authorization(account, order.authorizations[0]!);
    dns.aliases.set(`_acme-challenge.${name}`, 'challenges.elsewhere.example');
    dns.txt.set('challenges.elsewhere.example', [dns01!.txt]);
    await acme.challengeReady(account, dns01!.url);
    await until(
      () => acme.order(account, order.url),
      (one) => one?.status === 'ready',
    );
  });

  test('a challenge is not checked again when told twice', async () => {
    const order = await ready(freshName());
    const { dns01 } = await acme.authorization(account, order.authorizations[0]!);
    await acme.challengeReady(account, dns01!.url);
    const [last] = ca.self.log.list({ match: 'challenge' }).slice(-1);
    expect(last!.response).toMatchObject({ status: 200, body: { status: 'valid' } });
  });
});

describe('issuing', () => {
  test('processing can take many looks, the first of them always', async () => {
    for (const [polls, data] of [
      [1, undefined],
      [5, { polls: 5 }],
    ] as const) {
      if (data) switchOn('slow-processing', data);
      const order = await ready(freshName());
      const { csrPem } = await createRequest(order.identifiers);
      expect((await acme.finalize(account, order, csrPem)).status).toBe('processing');
      for (let look = 1; look <= polls; look++)
        expect((await acme.order(account, order.url))!.status).toBe('processing');
      expect((await acme.order(account, order.url))!.status).toBe('valid');
    }
  });

  test('a name too long for the common name gets a certificate all the same', async () => {
    const name = `${'a'.repeat(60)}.long.example`;
    const { keyPem, certificate } = await issue(acme, account, await ready(name));
    await handshake(certificate.chain, keyPem, readFileSync(ca.env.ACME_ROOTS!, 'utf8'), name);
  });

  test('a request for other names than the order is refused', async () => {
    const order = await ready(freshName());
    const { csrPem } = await createRequest([freshName()]);
    const error = { kind: 'refused', code: urn('badCSR') };
    await expect(acme.finalize(account, order, csrPem)).rejects.toMatchObject(error);
  });
});

test('a CA that takes its time says when to look again', async () => {
  const slow = await startStandIn('acme', start, { speed: 1000, env: { DNS_ADDRESS: dns.address } });
  try {
    const there = createAcme({ directoryUrl: slow.env.ACME_DIRECTORY_URL!, timeoutMs: 2000 });
    const who = { ...account, url: await there.ensureAccount(account.keyPem, 'a@b.example') };
    const { authorizations } = await there.newOrder(who, ['checked.example']);
    const { dns01 } = await there.authorization(who, authorizations[0]!);
    await there.challengeReady(who, dns01!.url);
    const checked = { status: 'pending', dns01: { status: 'processing' }, retryAfterMs: 1000 };
    expect(await there.authorization(who, authorizations[0]!)).toMatchObject(checked);

    slow.self.faults.add({ match: 'new-order', phase: 'switch', action: { kind: 'switch', name: 'authz-reused' } });
    const order = await there.newOrder(who, ['made.example']);
    await there.finalize(who, order, (await createRequest(order.identifiers)).csrPem);
    expect(await there.order(who, order.url)).toMatchObject({ status: 'processing', retryAfterMs: 1000 });
  } finally {
    await slow.close();
  }
});

describe('renewal', () => {
  test('the window jumps to now', async () => {
    const { certificate } = await issue(acme, account, await ready(freshName()));
    expect((await acme.renewalWindow(certificate.chain))!.start.getTime()).toBeGreaterThan(Date.now());
    switchOn('ari-now');
    expect((await acme.renewalWindow(certificate.chain))!.end.getTime()).toBeLessThan(Date.now());
  });

  test('so it does when the CA revokes', async () => {
    const { certificate } = await issue(acme, account, await ready(freshName()));
    await ca.running.acts!.revoke!({ serial: certificate.serial });
    expect((await acme.renewalWindow(certificate.chain))!.end.getTime()).toBeLessThan(Date.now());
  });

  test('an order whose `replaces` is refused is made without it', async () => {
    const name = freshName();
    const { certificate } = await issue(acme, account, await ready(name));
    switchOn('replaces-refused');
    const order = await acme.newOrder(account, [name], certificate.chain);
    const made = ((await ca.running.state()) as { orders: { id: string; replaces?: string }[] }).orders.find((one) =>
      order.url.endsWith(one.id),
    );
    expect(made).not.toHaveProperty('replaces');
    expect(made).toBeDefined();
  });

  test('a rate limit does not make it try without', async () => {
    const { certificate } = await issue(acme, account, await ready(freshName()));
    switchOn('rate-limited', undefined, { match: 'new-order' });
    await expect(acme.newOrder(account, [freshName()], certificate.chain)).rejects.toMatchObject({ kind: 'busy' });
  });

  test('a certificate of another CA has no window here', async () => {
    const other = await startStandIn('acme', start, { env: { DNS_ADDRESS: dns.address } });
    try {
      const { certificate } = await issue(acme, account, await ready(freshName()));
      const there = createAcme({ directoryUrl: other.env.ACME_DIRECTORY_URL!, timeoutMs: 2000 });
      expect(await there.renewalWindow(certificate.chain)).toBeUndefined();
    } finally {
      await other.close();
    }
  });
});

describe('lost answers', () => {
  const drop = (phase: 'before' | 'after', match: string) =>
    ca.self.faults.add({ match, phase, action: { kind: 'drop' } });

  test('of an order leave it open; asking again finds the same one', async () => {
    const name = freshName();
    drop('after', 'new-order');
    await expect(acme.newOrder(account, [name])).rejects.toMatchObject({ kind: 'unknown' });
    const before = ((await ca.running.state()) as { orders: unknown[] }).orders.length;
    await acme.newOrder(account, [name]);
    expect(((await ca.running.state()) as { orders: unknown[] }).orders).toHaveLength(before);
  });

  test('of a finalize leave it open; the order tells', async () => {
    const order = await ready(freshName());
    const { csrPem } = await createRequest(order.identifiers);
    drop('after', 'finalize');
    await expect(acme.finalize(account, order, csrPem)).rejects.toMatchObject({ kind: 'unknown' });
    expect((await acme.order(account, order.url))!.status).toBe('processing');
  });

  test('of a look mean nothing', async () => {
    const order = await acme.newOrder(account, [freshName()]);
    drop('before', '/order/');
    await expect(acme.order(account, order.url)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('an error without words leaves an effect open and a look nowhere', async () => {
    const { url } = await acme.newOrder(account, [freshName()]);
    ca.self.faults.add({ match: '^POST', phase: 'before', action: { kind: 'status', status: 500 }, times: 2 });
    await expect(acme.newOrder(account, [freshName()])).rejects.toMatchObject({ kind: 'unknown', code: '500' });
    await expect(acme.order(account, url)).rejects.toMatchObject({ kind: 'unavailable', code: '500' });
  });

  test('an answer that is no order leaves it open', async () => {
    const body = { status: 'fine' };
    ca.self.faults.add({
      match: 'new-order',
      phase: 'before',
      action: { kind: 'status', status: 201, body, headers: { location: 'x' } },
    });
    await expect(acme.newOrder(account, [freshName()])).rejects.toMatchObject({ kind: 'unknown', code: '201' });
  });

  test('a download that is no certificate is to be asked for again', async () => {
    const { order } = await issue(acme, account, await ready(freshName()));
    ca.self.faults.add({
      match: '/certificate/',
      phase: 'before',
      action: { kind: 'status', status: 200, body: 'soon' },
    });
    await expect(acme.certificate(account, order.certificate!)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('an answer without end is cut off', async () => {
    const order = await acme.newOrder(account, [freshName()]);
    const endless = { kind: 'status', status: 200, body: ' '.repeat(2 ** 20 + 1) } as const;
    ca.self.faults.add({ match: '/order/', phase: 'before', action: endless });
    const error = { kind: 'unavailable', detail: expect.stringContaining('no answer') };
    await expect(acme.order(account, order.url)).rejects.toMatchObject(error);
  });

  test('a CA that is slow runs into the deadline', async () => {
    const hasty = createAcme({ directoryUrl: ca.env.ACME_DIRECTORY_URL!, timeoutMs: 1000 });
    await hasty.ensureAccount(account.keyPem, 'a@b.example');
    ca.self.faults.add({ match: 'new-order', phase: 'before', action: { kind: 'delay', ms: 1200 } });
    const error = { kind: 'unknown', code: 'TIMEOUT' };
    const before = calls('new-order');
    await expect(hasty.newOrder(account, [freshName()])).rejects.toMatchObject(error);
    // The CA goes on with it all the same.
    await until(
      async () => calls('new-order'),
      (count) => count > before,
    );
  });

  test('a CA that is not there is unavailable, whatever was asked', async () => {
    const gone = await startStandIn('acme', start, { env: { DNS_ADDRESS: dns.address } });
    const there = createAcme({ directoryUrl: gone.env.ACME_DIRECTORY_URL!, timeoutMs: 2000 });
    const url = await there.ensureAccount(account.keyPem, 'a@b.example').finally(gone.close);
    const order = there.newOrder({ ...account, url }, [freshName()]);
    await expect(order).rejects.toMatchObject({ kind: 'unavailable', code: 'ECONNREFUSED' });
  });
});
