import { randomBytes, randomUUID } from 'node:crypto';
import type { Reply } from '../lib/http.ts';
import type { Authority } from './authority.ts';
import { malformed, notFound, unauthorized } from './problem.ts';
import { type Authorization, daysFromNow, isPast } from './records.ts';
import type { AccountRequest } from './request.ts';
import { beginValidation } from './validation.ts';

const REUSE_DAYS = 30;

/** A valid authorization of the account is used again for 30 days; `proven` makes a new one valid at once. */
export function findOrMake(ca: Authority, account: string, orderName: string, proven: boolean): Authorization {
  const wildcard = orderName.startsWith('*.');
  const name = orderName.replace(/^\*\./, '');
  const known = ca.records.authorizations
    .values()
    .filter((one) => one.account === account && one.name === name && one.wildcard === wildcard)
    .find((one) => one.status === 'valid' && !isPast(one.expires));
  if (known) return known;
  const status = proven ? 'valid' : 'pending';
  const made: Authorization = {
    id: randomUUID(),
    account,
    name,
    wildcard,
    status,
    expires: daysFromNow(proven ? REUSE_DAYS : 7),
    challenge: { token: randomBytes(32).toString('base64url'), status },
  };
  return ca.records.authorizations.set(made.id, made);
}

/** RFC 8555 7.5 and 7.5.2: read, or deactivate. */
export function authorization(ca: Authority, request: AccountRequest): Reply {
  const authz = own(ca, request);
  const busy = authz.challenge.status === 'processing' && ca.speed > 0;
  if (!request.payload) return { status: 200, headers: busy ? { 'retry-after': '1' } : {}, body: show(ca, authz) };
  if (request.payload.status !== 'deactivated') throw malformed(`status cannot become '${request.payload.status}'`);
  const changed = ca.records.authorizations.set(authz.id, { ...authz, status: 'deactivated' });
  return { status: 200, body: show(ca, changed) };
}

/** RFC 8555 7.5.1: an empty object says that the record is in place; said again it changes nothing. */
export function challenge(ca: Authority, request: AccountRequest): Reply {
  let authz = own(ca, request);
  if (request.payload && Object.keys(request.payload).length > 0) throw malformed('the payload must be {}');
  if (request.payload && authz.challenge.status === 'pending') authz = beginValidation(ca, authz, request.operation);
  const headers = { link: `<${ca.url('/directory')}>;rel="index", <${ca.url(`/authz/${authz.id}`)}>;rel="up"` };
  return { status: 200, headers, body: showChallenge(ca, authz) };
}

function own(ca: Authority, request: AccountRequest): Authorization {
  const authz = ca.records.authorizations.get(request.id);
  if (!authz || isPast(authz.expires)) throw notFound('No such authorization');
  if (authz.account !== request.account.id) throw unauthorized('the authorization belongs to another account');
  return authz;
}

function show(ca: Authority, authz: Authorization) {
  return {
    identifier: { type: 'dns', value: authz.name },
    status: authz.status,
    expires: authz.expires,
    challenges: [showChallenge(ca, authz)],
    ...(authz.wildcard ? { wildcard: true } : {}),
  };
}

function showChallenge(ca: Authority, { id, challenge }: Authorization) {
  return { type: 'dns-01', url: ca.url(`/challenge/${id}`), ...challenge };
}
