import { randomUUID } from 'node:crypto';
import type { Reply } from '../lib/http.ts';
import type { Authority } from './authority.ts';
import { checkSignature, parseJws, parseObject, thumbprint } from './jws.ts';
import { malformed, Problem, unauthorized } from './problem.ts';
import type { Account } from './records.ts';
import { type AccountRequest, payloadOf, type SignedRequest } from './request.ts';

/** RFC 8555 7.3: a known key answers 200 with its account, a new one 201. */
export function newAccount(ca: Authority, request: SignedRequest): Reply {
  if (!request.jws.header.jwk) throw malformed('newAccount must be signed with jwk, not kid');
  const { onlyReturnExisting, termsOfServiceAgreed, contact } = payloadOf(request);
  const known = withKey(ca, request.thumbprint);
  if (known?.status === 'deactivated') throw unauthorized('account is deactivated');
  if (known) return show(ca, known, 200);
  if (onlyReturnExisting === true) throw new Problem(400, 'accountDoesNotExist', 'no account with this key');
  if (termsOfServiceAgreed !== true)
    throw new Problem(403, 'userActionRequired', 'the terms of service must be agreed to');
  const account: Account = {
    id: randomUUID(),
    jwk: request.jwk,
    thumbprint: request.thumbprint,
    contact: checkContact(contact ?? []),
    status: 'valid',
    createdAt: new Date().toISOString(),
  };
  return show(ca, ca.records.accounts.set(account.id, account), 201);
}

/** RFC 8555 7.3.2 and 7.3.6: read, change the contact, or deactivate. */
export function account(ca: Authority, request: AccountRequest): Reply {
  if (request.id !== request.account.id) throw unauthorized('the request is signed by another account');
  const { contact, status } = request.payload ?? {};
  if (status !== undefined && status !== 'deactivated') throw malformed(`status cannot become '${status}'`);
  const changed: Account = {
    ...request.account,
    ...(contact === undefined ? {} : { contact: checkContact(contact) }),
    ...(status === undefined ? {} : { status }),
  };
  return show(ca, ca.records.accounts.set(changed.id, changed), 200);
}

/** RFC 8555 7.3.5: a JWS by the new key inside one by the old. */
export function keyChange(ca: Authority, request: AccountRequest): Reply {
  const inner = parseJws(JSON.stringify(payloadOf(request)));
  const { jwk, url, nonce } = inner.header;
  if (!jwk || nonce !== undefined || url !== request.jws.header.url)
    throw malformed('the inner JWS needs jwk and the outer url, and no nonce');
  checkSignature(inner, jwk);
  const { account, oldKey } = parseObject(inner.payload.toString('utf8'), 'inner payload');
  if (account !== ca.url(`/account/${request.account.id}`)) throw malformed('the inner payload names another account');
  if (thumbprint(Object(oldKey)) !== request.account.thumbprint) throw malformed('oldKey is not the account key');
  const taken = withKey(ca, thumbprint(jwk));
  if (taken)
    throw new Problem(409, 'malformed', 'another account has this key', { headers: { location: urlOf(ca, taken) } });
  const changed = { ...request.account, jwk, thumbprint: thumbprint(jwk) };
  return show(ca, ca.records.accounts.set(changed.id, changed), 200);
}

function withKey(ca: Authority, print: string): Account | undefined {
  return ca.records.accounts.values().find((one) => one.thumbprint === print);
}

function checkContact(contact: unknown): string[] {
  if (!Array.isArray(contact)) throw malformed('contact is not a list');
  for (const one of contact) {
    if (!String(one).startsWith('mailto:'))
      throw new Problem(400, 'unsupportedContact', `contact '${one}' is no mailto:`);
    if (!/^mailto:[^\s@,?]+@[^\s@,?]+\.[^\s@,?]+$/.test(one))
      throw new Problem(400, 'invalidContact', `contact '${one}' is no single mail address`);
  }
  return contact as string[];
}

const urlOf = (ca: Authority, account: Account) => ca.url(`/account/${account.id}`);

function show(ca: Authority, account: Account, status: number): Reply {
  const { jwk, contact, createdAt } = account;
  return {
    status,
    headers: { location: urlOf(ca, account) },
    body: { status: account.status, contact, key: jwk, createdAt },
  };
}
