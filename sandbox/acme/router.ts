import type { Call, Reply } from '../lib/http.ts';
import { account, keyChange, newAccount } from './accounts.ts';
import type { Authority } from './authority.ts';
import { authorization, challenge } from './authorizations.ts';
import { certificate, revocationList, revokeCert } from './certificates.ts';
import { finalize } from './finalize.ts';
import { newOrder, order } from './orders.ts';
import { malformed, notFound, Problem } from './problem.ts';
import { renewalInfo } from './renewal.ts';
import { type AccountRequest, byAccount, type SignedRequest, verifyRequest } from './request.ts';

type Handler<T> = (ca: Authority, request: T) => Reply | Promise<Reply>;

const BY_ACCOUNT: Record<string, Handler<AccountRequest>> = {
  account,
  'key-change': keyChange,
  'new-order': newOrder,
  order,
  authz: authorization,
  challenge,
  finalize,
  certificate,
};

const BY_ANY_KEY: Record<string, Handler<SignedRequest>> = { 'new-account': newAccount, 'revoke-cert': revokeCert };

/** Every request to the CA: edge, then resources; problems thrown below become answers here. */
export async function answer(ca: Authority, call: Call): Promise<Reply> {
  const operation = `${call.method} ${call.path}`;
  const edge = ca.switched<{ seconds?: number }>('edge-503', operation);
  if (edge) return serviceUnavailable(edge.seconds ?? 60);
  const reply = await dispatch(ca, call, operation).catch((error: unknown) => {
    if (error instanceof Problem) return error.reply();
    throw error;
  });
  const nonce = call.method === 'POST' || call.path === '/new-nonce' ? { 'replay-nonce': ca.nonces.issue() } : {};
  const index = `<${ca.url('/directory')}>;rel="index"`;
  return { ...reply, headers: { link: index, 'cache-control': 'no-store', ...nonce, ...reply.headers } };
}

/** What a front end in trouble says: no problem document, no nonce. */
function serviceUnavailable(seconds: number): Reply {
  const headers = { 'content-type': 'text/html', 'retry-after': String(seconds) };
  return { status: 503, headers, body: '<html><title>503 Service Temporarily Unavailable</title></html>' };
}

async function dispatch(ca: Authority, call: Call, operation: string): Promise<Reply> {
  if (!call.headers['user-agent']) throw malformed('All requests MUST include a User-Agent header');
  if (call.method !== 'POST') return read(ca, call, operation);
  const limited = ca.switched<{ seconds?: number }>('rate-limited', operation);
  if (limited) throw rateLimited(limited.seconds ?? 3600);
  const resource = call.path.split('/')[1] ?? '';
  const open = BY_ANY_KEY[resource];
  if (open) return open(ca, verifyRequest(ca, call));
  const handle = BY_ACCOUNT[resource];
  if (!handle) throw notFound('Page not found');
  return handle(ca, byAccount(ca, verifyRequest(ca, call)));
}

function rateLimited(seconds: number): Problem {
  const until = new Date(Date.now() + seconds * 1000).toISOString();
  const headers = { 'retry-after': String(seconds) };
  return new Problem(429, 'rateLimited', `too many requests of this kind, retry after ${until}`, { headers });
}

function read(ca: Authority, call: Call, operation: string): Reply | Promise<Reply> {
  const [, resource, id = ''] = call.path.split('/');
  switch (resource) {
    case 'directory':
      return { status: 200, body: directory(ca) };
    case 'new-nonce':
      return { status: call.method === 'HEAD' ? 200 : 204 };
    case 'renewal-info':
      return renewalInfo(ca, id, operation);
    case 'crl':
      return revocationList(ca);
    case 'roots':
      if (id !== '0') throw notFound('there is one root, 0');
      return { status: 200, headers: { 'content-type': 'application/x-pem-file' }, body: ca.issuer.rootPem };
    default:
      throw new Problem(405, 'malformed', `${call.method} is not allowed here: use POST, or POST-as-GET`);
  }
}

function directory(ca: Authority) {
  return {
    newNonce: ca.url('/new-nonce'),
    newAccount: ca.url('/new-account'),
    newOrder: ca.url('/new-order'),
    revokeCert: ca.url('/revoke-cert'),
    keyChange: ca.url('/key-change'),
    renewalInfo: ca.url('/renewal-info'),
    meta: { externalAccountRequired: false },
  };
}
