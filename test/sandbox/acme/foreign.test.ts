import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, crypto as keys } from 'acme-client';
import { start } from '../../../sandbox/acme/index.ts';
import { type Dns, startDns } from '../../providers/acme/dns.ts';
import { startStandIn } from '../../support/sandbox.ts';

let dns: Dns;
let ca: Awaited<ReturnType<typeof startStandIn>>;

beforeAll(async () => {
  dns = await startDns();
  ca = await startStandIn('acme', start, { env: { DNS_ADDRESS: dns.address } });
});

afterAll(async () => {
  await dns.close();
  await ca.close();
});

test('a client that others wrote gets a certificate and revokes it', async () => {
  const client = new Client({
    directoryUrl: ca.env.ACME_DIRECTORY_URL!,
    accountKey: await keys.createPrivateEcdsaKey(),
    backoffMin: 10,
    backoffMax: 50,
  });
  const [key, csr] = await keys.createCsr({ altNames: ['foreign.example', '*.foreign.example'] });
  const record = '_acme-challenge.foreign.example';
  const chain = await client.auto({
    csr,
    email: 'someone@foreign.example',
    termsOfServiceAgreed: true,
    challengePriority: ['dns-01'],
    skipChallengeVerification: true,
    challengeCreateFn: async (_authz, _challenge, value) => {
      dns.txt.set(record, [...(dns.txt.get(record) ?? []), value]);
    },
    challengeRemoveFn: async () => {},
  });
  const [leaf, intermediate] = keys.splitPemChain(chain).map((pem) => new X509Certificate(pem));
  const root = new X509Certificate(readFileSync(ca.env.ACME_ROOTS!));
  expect(leaf!.subjectAltName).toContain('DNS:foreign.example');
  expect(leaf!.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(leaf!.verify(intermediate!.publicKey) && intermediate!.verify(root.publicKey)).toBe(true);
  await client.revokeCertificate(chain);
  const { certificates } = (await ca.running.state()) as { certificates: { serial: string; revoked?: object }[] };
  expect(certificates).toEqual([
    expect.objectContaining({
      serial: leaf!.serialNumber.toLowerCase(),
      revoked: expect.objectContaining({ reason: 0 }),
    }),
  ]);
});
