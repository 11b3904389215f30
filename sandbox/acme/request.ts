import type { JsonWebKey } from 'node:crypto';
import type { Call } from '../lib/http.ts';
import type { Authority } from './authority.ts';
import { checkSignature, type Jws, parseJws, parseObject, thumbprint } from './jws.ts';
import { malformed, Problem, unauthorized } from './problem.ts';
import type { Account } from './records.ts';

/** A request whose signature, nonce and url hold. */
export interface SignedRequest {
  operation: string;
  /** Last segment of the path. */
  id: string;
  /** Undefined for a POST-as-GET. */
  payload: Record<string, unknown> | undefined;
  jws: Jws;
  jwk: JsonWebKey;
  thumbprint: string;
}

export interface AccountRequest extends SignedRequest {
  account: Account;
}

/** RFC 8555 6.2 to 6.5 */
export function verifyRequest(ca: Authority, call: Call): SignedRequest {
  if (call.headers['content-type'] !== 'application/jose+json')
    throw new Problem(415, 'malformed', 'Content-Type must be application/jose+json');
  const jws = parseJws(call.body.toString('utf8'));
  if (jws.header.url !== ca.url(call.path))
    throw unauthorized(`JWS header url '${jws.header.url}' is not '${ca.url(call.path)}'`);
  const operation = `${call.method} ${call.path}`;
  checkNonce(ca, operation, jws.header.nonce);
  const jwk = jws.header.jwk ?? accountOf(ca, jws.header.kid).jwk;
  checkSignature(jws, jwk);
  return {
    operation,
    id: call.path.split('/').at(-1)!,
    payload: jws.payload.length === 0 ? undefined : parseObject(jws.payload.toString('utf8'), 'JWS payload'),
    jws,
    jwk,
    thumbprint: thumbprint(jwk),
  };
}

function checkNonce(ca: Authority, operation: string, nonce: string | undefined): void {
  const good = nonce !== undefined && ca.nonces.redeem(nonce);
  if (!good || strikes(ca, operation))
    throw new Problem(400, 'badNonce', `JWS has an unknown or used nonce '${nonce}'`);
}

function strikes(ca: Authority, operation: string): boolean {
  const { percent = 100 } = ca.switched<{ percent?: number }>('bad-nonce', operation) ?? { percent: 0 };
  return Math.random() * 100 < percent;
}

/** For requests that must be signed by an account: with kid, not jwk. */
export function byAccount(ca: Authority, request: SignedRequest): AccountRequest {
  if (!request.jws.header.kid) throw malformed('this request must be signed with kid, not jwk');
  return { ...request, account: accountOf(ca, request.jws.header.kid) };
}

function accountOf(ca: Authority, kid: string | undefined): Account {
  const prefix = ca.url('/account/');
  const account = kid?.startsWith(prefix) ? ca.records.accounts.get(kid.slice(prefix.length)) : undefined;
  if (!account) throw new Problem(400, 'accountDoesNotExist', `no account '${kid}'`);
  if (account.status !== 'valid') throw unauthorized(`account is ${account.status}`);
  return account;
}

/** The payload of a request that must have one. */
export function payloadOf(request: SignedRequest): Record<string, unknown> {
  if (!request.payload) throw malformed('this request needs a payload');
  return request.payload;
}

export function postAsGet(request: SignedRequest): void {
  if (request.payload) throw malformed('POST-as-GET must have an empty payload');
}
