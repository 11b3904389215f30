import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FlattenedSign } from 'jose';
import { start } from '../../../sandbox/acme/index.ts';
import { startStandIn } from '../../support/sandbox.ts';
import { jwkOf, type Keys, newKeys, type Raw, raw } from './raw.ts';

let ca: Awaited<ReturnType<typeof startStandIn>>;
let acme: Raw;

beforeAll(async () => {
  ca = await startStandIn('acme', start, { env: { DNS_ADDRESS: '127.0.0.1:9' } });
  acme = await raw(ca.env.ACME_DIRECTORY_URL!);
});

afterAll(() => ca.close());

describe('an account', () => {
  const make = (payload: object, keys = newKeys()) => acme.post(acme.directory.newAccount!, keys, payload);

  test('is made once for a key: 201, then 200 with the same address', async () => {
    const keys = newKeys();
    const first = await make({ termsOfServiceAgreed: true, contact: ['mailto:a@b.example'] }, keys);
    expect(first).toMatchObject({ status: 201, body: { status: 'valid', contact: ['mailto:a@b.example'] } });
    const again = await make({ onlyReturnExisting: true }, keys);
    expect(again.status).toBe(200);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
  });

  test.each([
    ['that is only looked for and not there', { onlyReturnExisting: true }, 400, 'accountDoesNotExist'],
    ['without agreeing to the terms', {}, 403, 'userActionRequired'],
    ['with a telephone number', { termsOfServiceAgreed: true, contact: ['tel:1'] }, 400, 'unsupportedContact'],
    [
      'with two addresses in one',
      { termsOfServiceAgreed: true, contact: ['mailto:a@b.c,d@e.f'] },
      400,
      'invalidContact',
    ],
  ])('%s is refused', async (_, payload, status, problem) => {
    expect(await make(payload)).toMatchObject({ status, problem });
  });

  test('changes its contact, and is of no use once deactivated', async () => {
    const account = await acme.register();
    const changed = await acme.post(account.kid, account, { contact: ['mailto:c@d.example'] });
    expect(changed.body).toMatchObject({ contact: ['mailto:c@d.example'], status: 'valid' });
    expect((await acme.post(account.kid, account, { status: 'deactivated' })).body.status).toBe('deactivated');
    expect(await acme.post(account.kid, account, undefined)).toMatchObject({ status: 403, problem: 'unauthorized' });
    expect(await make({ termsOfServiceAgreed: true }, account)).toMatchObject({ status: 403 });
  });

  test('changes its key by a request that both keys signed', async () => {
    const [account, stranger] = [await acme.register(), await acme.register()];
    const next = newKeys();
    const change = async (to: Keys, oldKey: Keys) => {
      const url = acme.directory.keyChange!;
      const inner = new TextEncoder().encode(JSON.stringify({ account: account.kid, oldKey: jwkOf(oldKey) }));
      const header = { alg: 'ES256', jwk: jwkOf(to), url };
      return acme.post(url, account, await new FlattenedSign(inner).setProtectedHeader(header).sign(to.privateKey));
    };
    expect(await change(next, stranger)).toMatchObject({ status: 400, problem: 'malformed' });
    expect(await change(stranger, account)).toMatchObject({ status: 409 });
    expect(await change(next, account)).toMatchObject({ status: 200 });
    expect(await acme.post(account.kid, account, undefined)).toMatchObject({ status: 400 });
    expect(await acme.post(account.kid, { ...next, kid: account.kid }, undefined)).toMatchObject({ status: 200 });
  });
});

describe('an order', () => {
  const dns = (value: string) => ({ type: 'dns', value });

  test('has its names in lower case and each once', async () => {
    const identifiers = [dns('Shop.Example'), dns('shop.example'), dns('*.shop.example')];
    const { body } = await acme.post(acme.directory.newOrder!, await acme.register(), { identifiers });
    expect(body.identifiers).toEqual([dns('*.shop.example'), dns('shop.example')]);
  });

  test.each([
    ['no names', { identifiers: [] }, 'malformed'],
    ['an address', { identifiers: [{ type: 'ip', value: '127.0.0.1' }] }, 'unsupportedIdentifier'],
    ['an address as a name', { identifiers: [dns('127.0.0.1')] }, 'rejectedIdentifier'],
    ['a single label', { identifiers: [dns('localhost')] }, 'rejectedIdentifier'],
    ['an inner wildcard', { identifiers: [dns('a.*.example')] }, 'rejectedIdentifier'],
    ['a name that its wildcard covers', { identifiers: [dns('*.shop.example'), dns('a.shop.example')] }, 'malformed'],
    ['an end of its own', { identifiers: [dns('shop.example')], notAfter: '2030-01-01T00:00:00Z' }, 'malformed'],
    ['nothing to replace', { identifiers: [dns('shop.example')], replaces: 'AA.AA' }, 'malformed'],
  ])('for %s is refused', async (_, payload, problem) => {
    const answer = await acme.post(acme.directory.newOrder!, await acme.register(), payload);
    expect(answer).toMatchObject({ problem });
  });

  test('is invalid when an authorization of it is given up', async () => {
    const account = await acme.register();
    const made = await acme.post(acme.directory.newOrder!, account, { identifiers: [dns('shop.example')] });
    const [url] = made.body.authorizations as string[];
    expect((await acme.post(url!, account, { status: 'deactivated' })).body.status).toBe('deactivated');
    const { body } = await acme.post(made.headers.get('location')!, account, undefined);
    expect(body).toMatchObject({ status: 'invalid', error: { detail: expect.stringContaining('shop.example') } });
  });

  test('is not finalized before it is ready', async () => {
    const account = await acme.register();
    const made = await acme.post(acme.directory.newOrder!, account, { identifiers: [dns('shop.example')] });
    const answer = await acme.post(String(made.body.finalize), account, { csr: 'AA' });
    expect(answer).toMatchObject({ status: 403, problem: 'orderNotReady' });
  });
});
