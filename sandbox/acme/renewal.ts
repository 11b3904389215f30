import type { Reply } from '../lib/http.ts';
import type { Authority } from './authority.ts';
import { malformed, notFound, Problem, unauthorized } from './problem.ts';
import type { Issued } from './records.ts';
import type { AccountRequest } from './request.ts';

const DAY = 86_400_000;

/** RFC 9773 4.2: two days around two thirds of the life; already past for a revoked certificate. */
export function renewalInfo(ca: Authority, id: string, operation: string): Reply {
  const found = byAriId(ca, id);
  if (!found) throw notFound('no such certificate was issued here');
  const [from, to] = [found.notBefore, found.notAfter].map((time) => Date.parse(time)) as [number, number];
  const atOnce = found.revoked || ca.switched('ari-now', operation);
  const middle = atOnce ? Date.now() - 2 * DAY : from + ((to - from) * 2) / 3;
  const [start, end] = [middle - DAY, middle + DAY].map((time) => new Date(time).toISOString());
  return { status: 200, headers: { 'retry-after': '21600' }, body: { suggestedWindow: { start, end } } };
}

/** RFC 9773 5: same account, a shared name, and not replaced by another order before. */
export function checkReplaces(ca: Authority, request: AccountRequest, names: string[], replaces: unknown): void {
  if (typeof replaces !== 'string') throw malformed('replaces is not a string');
  const old = byAriId(ca, replaces);
  if (!old) throw notFound(`no certificate '${replaces}' to replace`);
  if (old.account !== request.account.id) throw unauthorized('the certificate to replace belongs to another account');
  if (!old.names.some((name) => names.includes(name)))
    throw malformed('the order shares no name with what it replaces');
  const replaced = ca.records.orders.values().some((one) => one.replaces === replaces && one.status !== 'invalid');
  if (replaced || ca.switched('replaces-refused', request.operation))
    throw new Problem(409, 'alreadyReplaced', `certificate '${replaces}' has a replacement already`);
}

function byAriId(ca: Authority, id: string): Issued | undefined {
  const serial = Buffer.from(id.split('.')[1] ?? '', 'base64url').toString('hex');
  const found = ca.records.certificates.get(serial);
  return found?.ariId === id ? found : undefined;
}
