import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAcme } from '../../../providers/acme/client.ts';
import { createKey } from '../../../providers/acme/csr.ts';
import type { Acme, AcmeAccount, AcmeOrder, Certificate } from '../../../providers/acme/port.ts';
import { start } from '../../../sandbox/acme/index.ts';
import { pebbleIsHere } from '../../support/pebble.ts';
import { startStandIn } from '../../support/sandbox.ts';
import { type Dns, startDns } from './dns.ts';
import { handshake } from './handshake.ts';
import { issue, prove, until } from './steps.ts';

const CAS: Record<string, Record<string, string>> = {
  'our stand-in': {},
  'the genuine Pebble, which refuses half of all nonces': { SANDBOX_ACME: 'pebble', PEBBLE_WFE_NONCEREJECT: '50' },
};

const lanes = Object.entries(CAS).slice(0, (await pebbleIsHere()) ? 2 : 1);

describe.each(lanes)('a certificate from %s', (_, settings) => {
  let dns: Dns;
  let ca: Awaited<ReturnType<typeof startStandIn>>;
  let acme: Acme;
  let account: AcmeAccount;
  let root: string;

  beforeAll(async () => {
    dns = await startDns();
    ca = await startStandIn('acme', start, { env: { DNS_ADDRESS: dns.address, ...settings } });
    const { ACME_DIRECTORY_URL: directoryUrl, ACME_CA, ACME_ROOTS } = ca.env;
    root = readFileSync(ACME_ROOTS!, 'utf8');
    const tls = ACME_CA ? { ca: readFileSync(ACME_CA, 'utf8') } : {};
    acme = createAcme({ directoryUrl: directoryUrl!, timeoutMs: 5000, ...tls });
    const keyPem = await createKey();
    account = { keyPem, url: await acme.ensureAccount(keyPem, 'certificates@hoster.example') };
  });

  afterAll(async () => {
    await dns.close();
    await ca.close();
  });

  test('the same key finds the same account', async () => {
    expect(await acme.ensureAccount(account.keyPem, 'certificates@hoster.example')).toBe(account.url);
    expect(await acme.ensureAccount(await createKey(), 'other@hoster.example')).not.toBe(account.url);
  });

  describe('for a name and its wildcard', () => {
    const names = ['*.shop.example', 'shop.example'];
    let order: AcmeOrder;
    let issued: { keyPem: string; certificate: Certificate };

    test('is ordered, proven by two values at one name, and ready', async () => {
      order = await acme.newOrder(account, names);
      expect(order).toMatchObject({ status: 'pending', identifiers: expect.arrayContaining(names) });
      const authorizations = await Promise.all(order.authorizations.map((url) => acme.authorization(account, url)));
      expect(authorizations.map((one) => [one.identifier, one.wildcard]).sort()).toEqual([
        ['shop.example', false],
        ['shop.example', true],
      ]);
      order = await prove(acme, account, order, dns);
      expect(order.status).toBe('ready');
      expect(dns.txt.get('_acme-challenge.shop.example')).toHaveLength(2);
    });

    test('does not mind hearing again that a challenge is ready', async () => {
      const { dns01 } = await acme.authorization(account, order.authorizations[0]!);
      await acme.challengeReady(account, dns01!.url);
    });

    test('is issued and leads to the root in a TLS handshake', async () => {
      issued = await issue(acme, account, order);
      const { chain, serial, notBefore, notAfter } = issued.certificate;
      const peer = await handshake(chain, issued.keyPem, root, 'www.shop.example');
      expect(peer.serialNumber.toLowerCase()).toBe(serial);
      expect(peer.subjectaltname!.split(', ').sort()).toEqual(['DNS:*.shop.example', 'DNS:shop.example']);
      expect([notBefore, notAfter]).toEqual([new Date(peer.valid_from), new Date(peer.valid_to)]);
      await expect(handshake(chain, issued.keyPem, root, 'else.example')).rejects.toThrow('altnames');
    });

    test('is not finalized twice', async () => {
      await expect(issue(acme, account, order)).rejects.toMatchObject({
        kind: 'conflict',
        code: 'urn:ietf:params:acme:error:orderNotReady',
      });
    });

    test('has a window for its renewal within its life', async () => {
      const window = await acme.renewalWindow(issued.certificate.chain);
      expect(window!.start < window!.end).toBe(true);
      expect(window!.start > issued.certificate.notBefore).toBe(true);
      expect(window!.end < issued.certificate.notAfter).toBe(true);
      expect(window!.retryAfterMs).toBe(21_600_000);
    });

    test('is renewed by an order that replaces it, and by a plain one once that is refused', async () => {
      const renewal = await acme.newOrder(account, ['shop.example'], issued.certificate.chain);
      await issue(acme, account, await prove(acme, account, renewal, dns));
      const another = await acme.newOrder(account, ['shop.example'], issued.certificate.chain);
      expect(another.url).not.toBe(renewal.url);
    });

    test('is revoked, again without complaint, and is then to be renewed at once', async () => {
      await acme.revoke(account, issued.certificate.chain);
      await acme.revoke(account, issued.certificate.chain);
      const window = await acme.renewalWindow(issued.certificate.chain);
      expect(window!.end.getTime()).toBeLessThan(Date.now());
    });
  });

  test('is refused where the record is missing or wrong, and the order says why', async () => {
    for (const [name, values] of [
      ['missing.example', []],
      ['wrong.example', ['something else']],
    ] as const) {
      dns.txt.set(`_acme-challenge.${name}`, [...values]);
      const order = await acme.newOrder(account, [name]);
      const { dns01 } = await acme.authorization(account, order.authorizations[0]!);
      await acme.challengeReady(account, dns01!.url);
      const failed = await until(
        () => acme.authorization(account, order.authorizations[0]!),
        (one) => one.status !== 'pending',
      );
      expect(failed).toMatchObject({ status: 'invalid', dns01: { status: 'invalid' } });
      expect(failed.dns01!.error).toMatch(/^unauthorized: .*(TXT|DNS)/);
      expect(await acme.order(account, order.url)).toMatchObject({ status: 'invalid' });
    }
  });

  test('of a strange order does not exist', async () => {
    const unknown = (await acme.newOrder(account, ['strange.example'])).url.replace(/[^/]+$/, 'nothing');
    expect(await acme.order(account, unknown)).toBeUndefined();
  });

  test('for a name that is none is refused for good', async () => {
    await expect(acme.newOrder(account, ['under_score.example'])).rejects.toMatchObject({ kind: 'refused' });
  });

  test('without an account is denied', async () => {
    const stranger = { keyPem: await createKey(), url: account.url };
    await expect(acme.newOrder(stranger, ['shop.example'])).rejects.toMatchObject({ provider: 'acme' });
    const nobody = { keyPem: account.keyPem, url: `${account.url}x` };
    await expect(acme.newOrder(nobody, ['shop.example'])).rejects.toMatchObject({ kind: 'denied' });
  });
});
