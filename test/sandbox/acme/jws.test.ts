import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { start } from '../../../sandbox/acme/index.ts';
import { startStandIn } from '../../support/sandbox.ts';
import { type Bends, jwkOf, newKeys, type Raw, raw, rsaKeys } from './raw.ts';

let ca: Awaited<ReturnType<typeof startStandIn>>;
let acme: Raw;
let account: Awaited<ReturnType<Raw['register']>>;
const other = newKeys();

beforeAll(async () => {
  ca = await startStandIn('acme', start, { env: { DNS_ADDRESS: '127.0.0.1:9' } });
  acme = await raw(ca.env.ACME_DIRECTORY_URL!);
  account = await acme.register();
});

afterAll(() => ca.close());

const order = { identifiers: [{ type: 'dns', value: 'shop.example' }] };
const newOrder = (bends: Bends) => acme.post(acme.directory.newOrder!, account, order, bends);

describe('a signed request is refused', () => {
  const bent: [string, number, string, RegExp, () => Bends][] = [
    ['for another url', 403, 'unauthorized', /is not/, () => ({ header: { url: acme.directory.newAccount } })],
    ['without a url', 400, 'malformed', /url is missing/, () => ({ header: { url: undefined } })],
    ['without a nonce', 400, 'badNonce', /nonce/, () => ({ header: { nonce: undefined } })],
    ['with an invented nonce', 400, 'badNonce', /nonce/, () => ({ header: { nonce: 'abc' } })],
    ['with jwk and kid', 400, 'malformed', /exactly one/, () => ({ header: { jwk: jwkOf(account) } })],
    ['with neither jwk nor kid', 400, 'malformed', /exactly one/, () => ({ header: { kid: undefined } })],
    ['with jwk, not kid', 400, 'malformed', /kid/, () => ({ header: { jwk: jwkOf(account), kid: undefined } })],
    ['with a strange kid', 400, 'accountDoesNotExist', /no account/, () => ({ header: { kid: `${account.kid}x` } })],
    ['of another key', 400, 'malformed', /verification/, () => ({ header: { jwk: jwkOf(other), kid: undefined } })],
    ['with a changed payload', 400, 'malformed', /verification/, () => ({ body: { payload: 'e30' } })],
    ['with padding', 400, 'malformed', /without padding/, () => ({ body: { payload: 'e30=' } })],
    ['with an unprotected header', 400, 'malformed', /'header'/, () => ({ body: { header: {} } })],
    ['with several signatures', 400, 'malformed', /'signatures'/, () => ({ body: { signatures: [] } })],
    ['without a signature', 400, 'malformed', /needs protected/, () => ({ body: { signature: undefined } })],
    ['as plain JSON', 415, 'malformed', /Content-Type/, () => ({ http: { 'content-type': 'application/json' } })],
    ['with a list as payload', 400, 'malformed', /not a JSON object/, () => ({ payload: '[]' })],
    ['without a user agent', 400, 'malformed', /User-Agent/, () => ({ http: { 'user-agent': '' } })],
  ];

  test.each(bent)('%s', async (_, status, problem, detail, bend) => {
    const answer = await newOrder(bend());
    expect(answer).toMatchObject({ status, problem, body: { detail: expect.stringMatching(detail) } });
  });

  test('with a nonce used before', async () => {
    const nonce = await acme.nonce();
    expect((await newOrder({ header: { nonce } })).status).toBe(201);
    expect(await newOrder({ header: { nonce } })).toMatchObject({ status: 400, problem: 'badNonce' });
  });

  test('with an algorithm that is not offered, naming those that are', async () => {
    const keys = rsaKeys(2048);
    const answer = await acme.post(acme.directory.newAccount!, keys, {}, { header: { alg: 'PS256' } });
    expect(answer).toMatchObject({ status: 400, problem: 'badSignatureAlgorithm' });
    expect(answer.body.algorithms).toEqual(['ES256', 'RS256']);
  });

  test('with a private key in its header', async () => {
    const jwk = account.privateKey.export({ format: 'jwk' });
    const answer = await acme.post(acme.directory.newAccount!, newKeys(), {}, { header: { jwk } });
    expect(answer).toMatchObject({ status: 400, problem: 'badPublicKey' });
  });

  test('with kid where an account is only made', async () => {
    const answer = await acme.post(acme.directory.newAccount!, account, { termsOfServiceAgreed: true });
    expect(answer).toMatchObject({ status: 400, problem: 'malformed' });
  });
});

test('RSA keys sign too', async () => {
  const { kid } = await acme.register(rsaKeys(2048));
  expect(kid).toContain('/account/');
});

test('every answer to a signed request brings a nonce, a refusal as well', async () => {
  const good = await newOrder({});
  const bad = await newOrder({ header: { nonce: 'abc' } });
  for (const { headers } of [good, bad]) expect(headers.get('replay-nonce')).toMatch(/^[\w-]{22}$/);
  expect((await newOrder({ header: { nonce: bad.headers.get('replay-nonce') } })).status).toBe(201);
});

test('resources are read by POST-as-GET with an empty payload, not by GET', async () => {
  const url = (await newOrder({})).headers.get('location')!;
  expect((await fetch(url)).status).toBe(405);
  expect(await acme.post(url, account, {})).toMatchObject({ status: 400, problem: 'malformed' });
  expect(await acme.post(url, account, undefined)).toMatchObject({ status: 200, body: { status: 'pending' } });
});

test('what belongs to another account is not shown', async () => {
  const url = (await newOrder({})).headers.get('location')!;
  expect(await acme.post(url, await acme.register(), undefined)).toMatchObject({
    status: 403,
    problem: 'unauthorized',
  });
});

test('nonces come by HEAD with 200 and by GET with 204', async () => {
  const { newNonce } = acme.directory;
  expect((await fetch(newNonce!, { method: 'HEAD' })).status).toBe(200);
  expect((await fetch(newNonce!)).status).toBe(204);
});
