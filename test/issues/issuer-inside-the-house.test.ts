import type { LookupAddress } from 'node:dns';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { guardedFetch } from '../../runtime/guarded-fetch.ts';
import { type Api, startApi } from '../api/support.ts';

// An administrator of a tenant says where its OpenID provider is, and the platform went there, whatever lay there: its own
// services, its neighbours, the cloud's metadata.

/** Everything that is not the internet, in all its ways of being written. */
const HIDDEN = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f.1', '0.0.0.0', '10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1'],
  ...['169.254.169.254', '168.63.129.16', '192.0.0.192', '224.0.0.1', '[::]', '[::1]', '[fe80::1]', '[fd00:ec2::254]'],
  ...['[::ffff:127.0.0.1]', '[::ffff:169.254.169.254]', '[::ffff:a00:1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]'],
];

const listening = async <T extends Server>(server: T): Promise<T> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
};
const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** What nobody is to reach. */
let inner: Server;
let met = 0;
/** A provider that may be where it is, and says what a test wants. */
let provider: Server;
let says: RequestListener;
let issuer: string;
let api: Api;
beforeAll(async () => {
  inner = await listening(createServer((socket) => socket.end(String(met++))));
  provider = await listening(createHttp((req, res) => says(req, res)));
  issuer = `http://127.0.0.1:${portOf(provider)}`;
  api = await startApi({ OIDC_INTERNAL: issuer });
});
afterAll(async () => {
  await api.close();
  for (const server of [inner, provider]) server.close();
});
beforeEach(() => {
  met = 0;
});

const refusal = (error: { message: string; cause?: { message: string } }) => error.cause?.message ?? error.message;
const told = (fetched: Promise<Response>) => fetched.then(() => 'answered', refusal);

describe('An address that a tenant chose', () => {
  test.each(HIDDEN)('https://%s is not asked', async (host) => {
    expect(await told(guardedFetch([])(`https://${host}:${portOf(inner)}/`, {}))).toContain('not a public address');
    expect(met).toBe(0);
  });

  test('is not asked without TLS', async () => {
    expect(await told(guardedFetch([])('http://id.example.com/', {}))).toContain('without TLS');
  });

  const ADDRESSES = ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', 'fd00::1', '::ffff:127.0.0.1'];
  test.each(ADDRESSES)('is not asked where its name leads to %s, or to that as well', async (address) => {
    const family = address.includes(':') ? 6 : 4;
    for (const found of [
      [{ address, family }],
      [
        { address: '192.31.7.1', family: 4 },
        { address, family },
      ],
    ]) {
      let asked = 0;
      const lookup = (_name: string, _options: object, done: (error: null, found: LookupAddress[]) => void) => {
        asked++;
        done(null, found);
      };
      const by = guardedFetch([], lookup as never);
      expect(await told(by(`https://id.example.com:${portOf(inner)}/`, {}))).toContain(`leads to ${address}`);
      // Whatever the name leads to the next time it is asked.
      expect([asked, met]).toEqual([1, 0]);
    }
  });

  test('is followed no further than it answers', async () => {
    says = (_req, res) => res.writeHead(302, { location: `https://127.0.0.1:${portOf(inner)}/` }).end();
    expect([(await guardedFetch([issuer])(issuer, {})).status, met]).toEqual([302, 0]);
  });

  test('is listened to for a mebibyte', async () => {
    says = (_req, res) => res.end('x'.repeat(2 ** 20));
    const { status, body } = await guardedFetch([issuer])(issuer, {});
    expect([status, (await new Response(body).text()).length]).toEqual([200, 2 ** 20]);
    says = (_req, res) => res.end('x'.repeat(2 ** 20 + 1));
    expect(await told(guardedFetch([issuer])(issuer, {}))).toContain('more than 1048576 bytes');
  });

  test('is waited for as long as was said, though it goes on speaking', async () => {
    const waiting = new AbortController();
    says = (_req, res) => {
      res.write('x');
      setImmediate(() => waiting.abort(new Error('that is enough')));
    };
    expect(await told(guardedFetch([issuer])(issuer, { signal: waiting.signal }))).toContain('that is enough');
  });
});

describe('A connection', () => {
  const make = (to: string) => {
    const rules = [{ value: 'desk', role: 'staff', permissions: [] }];
    const body = { name: 'N', issuer: to, clientId: 'mpanel', clientSecret: 'secret', roleRules: rules };
    return api.admin('POST', '/api/oidc-connections', { body });
  };
  const begin = (id: string) => fetch(`${api.url}/api/auth/oidc/${id}/start`, { redirect: 'manual' });
  /** What the provider says of itself; its endpoints are elsewhere. */
  const description = () => {
    const elsewhere = `https://127.0.0.1:${portOf(inner)}`;
    const [authorization_endpoint, token_endpoint, jwks_uri] = [
      `${issuer}/at`,
      `${elsewhere}/token`,
      `${elsewhere}/keys`,
    ];
    return JSON.stringify({ issuer, authorization_endpoint, token_endpoint, jwks_uri });
  };
  const describing: RequestListener = (_req, res) =>
    res.writeHead(200, { 'content-type': 'application/json' }).end(description());

  test.each(HIDDEN)('to https://%s is not made', async (host) => {
    const { status, body } = await make(`https://${host}:8443`);
    expect([status, JSON.stringify(body.error)]).toEqual([422, expect.stringContaining('public address')]);
  });

  test('to a name that leads inside leads nowhere', async () => {
    const { body } = await make(`https://localhost:${portOf(inner)}`);
    expect([(await begin(body.id)).status, met]).toEqual([502, 0]);
  });

  test('whose provider redirects inside leads nowhere', async () => {
    says = (_req, res) => res.writeHead(302, { location: `https://127.0.0.1:${portOf(inner)}/` }).end();
    const { body } = await make(issuer);
    expect([(await begin(body.id)).status, met]).toEqual([502, 0]);
  });

  test('whose provider names endpoints inside asks none of them', async () => {
    says = describing;
    const { body } = await make(issuer);
    const begun = await begin(body.id);
    expect(begun.status).toBe(303);
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state');
    const headers = { cookie: begun.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
    const back = `${api.url}/api/auth/oidc/${body.id}/callback?code=code&state=${state}`;
    expect((await fetch(back, { headers, redirect: 'manual' })).status).toBe(502);
    const token = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32));
    const unsigned = [btoa('{"alg":"RS256"}').replaceAll('=', ''), ...token.split('.').slice(1)].join('.');
    const raw = `logout_token=${unsigned}`;
    expect((await api.anyone('POST', `/api/auth/oidc/${body.id}/logout`, { raw })).status).toBe(502);
    expect(met).toBe(0);
  });
});
