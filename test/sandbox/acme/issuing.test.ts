import 'reflect-metadata';
import { KeyObject, X509Certificate as NodeCertificate, type webcrypto } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension, X509Certificate } from '@peculiar/x509';
import { start } from '../../../sandbox/acme/index.ts';
import { startStandIn } from '../../support/sandbox.ts';
import { type Keys, type Raw, raw } from './raw.ts';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA = { name: 'RSASSA-PKCS1-v1_5', publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };

type Account = Awaited<ReturnType<Raw['register']>>;
type Names = { type: 'dns' | 'ip'; value: string }[];

let ca: Awaited<ReturnType<typeof startStandIn>>;
let acme: Raw;
let account: Account;
let order: { url: string; finalize: string };

beforeAll(async () => {
  ca = await startStandIn('acme', start, { env: { DNS_ADDRESS: '127.0.0.1:9' } });
  acme = await raw(ca.env.ACME_DIRECTORY_URL!);
  const action = { kind: 'switch', name: 'authz-reused' } as const;
  ca.self.faults.add({ match: 'new-order', phase: 'switch', action, times: null });
});

afterAll(() => ca.close());

beforeEach(async () => {
  account = await acme.register();
  order = await readyOrder('shop.example');
});

async function readyOrder(name: string, more: object = {}) {
  const payload = { identifiers: [{ type: 'dns', value: name }], ...more };
  const { body, headers } = await acme.post(acme.directory.newOrder!, account, payload);
  return { url: headers.get('location')!, finalize: String(body.finalize) };
}

const newKeys = (algorithm: object = P256) =>
  crypto.subtle.generateKey(algorithm as typeof P256, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;

async function csrOf(keys: webcrypto.CryptoKeyPair, names: Names): Promise<string> {
  const extensions = [new SubjectAlternativeNameExtension(names)];
  const csr = await Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: P256, extensions });
  return Buffer.from(csr.rawData).toString('base64url');
}

const shop: Names = [{ type: 'dns', value: 'shop.example' }];
const finalize = (csr: string, at = order) => acme.post(at.finalize, account, { csr });

/** The chain of an order that was finalized. */
async function download(url: string) {
  await acme.post(url, account, undefined);
  const { body } = await acme.post(url, account, undefined);
  const { certificates } = (await ca.running.state()) as { certificates: { serial: string; chain: string }[] };
  const certificate = String(body.certificate);
  return { certificate, pem: certificates.find((one) => certificate.endsWith(one.serial))!.chain };
}

describe('a request is bad', () => {
  const bad: [string, RegExp, () => Promise<string>][] = [
    ['that is no base64url', /not base64url/, async () => '===='],
    ['that is no CSR', /cannot be parsed/, async () => 'AAAA'],
    [
      'for other names',
      /exactly the identifiers/,
      async () => csrOf(await newKeys(), [{ type: 'dns', value: 'a.example' }]),
    ],
    [
      'for an address',
      /something other/,
      async () => csrOf(await newKeys(), [...shop, { type: 'ip', value: '127.0.0.1' }]),
    ],
    ['with a short key', /2048 bits/, async () => csrOf(await newKeys({ ...RSA, modulusLength: 1024 }), shop)],
    ['with the key of the account', /key of an account/, async () => csrOf(await toWebCrypto(account), shop)],
    ['with a wrong signature', /signature/, async () => spoil(await csrOf(await newKeys(), shop))],
  ];

  test.each(bad)('%s', async (_, detail, make) => {
    const answer = await finalize(await make());
    expect(answer).toMatchObject({ status: 400, problem: 'badCSR', body: { detail: expect.stringMatching(detail) } });
  });

  async function toWebCrypto({ privateKey, publicKey }: Keys): Promise<webcrypto.CryptoKeyPair> {
    const load = (key: Keys['privateKey'], uses: ('sign' | 'verify')[]) =>
      crypto.subtle.importKey('jwk', key.export({ format: 'jwk' }) as webcrypto.JsonWebKey, P256, true, uses);
    return { privateKey: await load(privateKey, ['sign']), publicKey: await load(publicKey, ['verify']) };
  }

  /** Another name in what was signed. */
  function spoil(csr: string): string {
    const text = Buffer.from(csr, 'base64url').toString('latin1').replace('shop.example', 'shap.example');
    return Buffer.from(text, 'latin1').toString('base64url');
  }
});

test('two finalizations at once make one certificate', async () => {
  const [one, two] = [await csrOf(await newKeys(), shop), await csrOf(await newKeys(), shop)];
  const answers = await Promise.all([finalize(one), finalize(two)]);
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 403]);
  const { certificates } = (await ca.running.state()) as { certificates: { order: string }[] };
  expect(certificates.filter((made) => order.url.endsWith(made.order))).toHaveLength(1);
});

test('a name too long for the common name is in a critical SAN under an empty subject', async () => {
  const name = `${'a'.repeat(60)}.shop.example`;
  const long = await readyOrder(name);
  await finalize(await csrOf(await newKeys(), [{ type: 'dns', value: name }]), long);
  const leaf = new X509Certificate((await download(long.url)).pem);
  expect([leaf.subject, leaf.getExtension(SubjectAlternativeNameExtension)!.critical]).toEqual(['', true]);
});

describe('a certificate', () => {
  let keys: webcrypto.CryptoKeyPair;
  let der: string;
  let url: string;
  const revokeUrl = () => acme.directory.revokeCert!;

  beforeEach(async () => {
    keys = await newKeys();
    await finalize(await csrOf(keys, shop));
    const { pem, certificate } = await download(order.url);
    der = new NodeCertificate(pem).raw.toString('base64url');
    url = certificate;
  });

  test('is shown to its account alone', async () => {
    expect(await acme.post(url, await acme.register(), undefined)).toMatchObject({
      status: 403,
      problem: 'unauthorized',
    });
  });

  test('is not revoked by another account, nor by another key', async () => {
    const stranger = await acme.register();
    const { kid: _, ...keyAlone } = stranger;
    for (const signer of [stranger, keyAlone])
      expect(await acme.post(revokeUrl(), signer, { certificate: der })).toMatchObject({ status: 403 });
  });

  test('is revoked once, by its own key, for a reason that a subscriber may give', async () => {
    const own = { privateKey: KeyObject.from(keys.privateKey), publicKey: KeyObject.from(keys.publicKey) };
    const revoke = (reason: number) => acme.post(revokeUrl(), own, { certificate: der, reason });
    expect(await revoke(2)).toMatchObject({ status: 400, problem: 'badRevocationReason' });
    expect(await revoke(1)).toMatchObject({ status: 200 });
    expect(await revoke(1)).toMatchObject({ status: 400, problem: 'alreadyRevoked' });
  });

  test('that was never issued is not revoked', async () => {
    for (const certificate of ['AAAA', der.replace(/.{8}$/, 'AAAAAAAA')])
      expect((await acme.post(revokeUrl(), account, { certificate })).problem).toBe('malformed');
  });

  test('is replaced once', async () => {
    const { certificates } = (await ca.running.state()) as { certificates: { order: string; ariId: string }[] };
    const { ariId } = certificates.find((made) => order.url.endsWith(made.order))!;
    const renew = () => acme.post(acme.directory.newOrder!, account, { identifiers: shop, replaces: ariId });
    expect(await renew()).toMatchObject({ status: 201, body: { replaces: ariId } });
    expect(await renew()).toMatchObject({ status: 409, problem: 'alreadyReplaced' });
  });
});
