import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Reply } from '../lib/http.ts';
import type { Authority } from './authority.ts';
import { findOrMake } from './authorizations.ts';
import { orderNames } from './names.ts';
import { malformed, notFound, Problem, unauthorized } from './problem.ts';
import { daysFromNow, isPast, type Order } from './records.ts';
import { checkReplaces } from './renewal.ts';
import { type AccountRequest, payloadOf, postAsGet } from './request.ts';

/** RFC 8555 7.4. An order for the same names that is still open comes back instead of a new one, as with Boulder. */
export function newOrder(ca: Authority, request: AccountRequest): Reply {
  const { identifiers, notBefore, notAfter, replaces } = payloadOf(request);
  if (notBefore !== undefined || notAfter !== undefined) throw malformed('notBefore and notAfter are not supported');
  const names = orderNames(identifiers);
  if (replaces !== undefined) checkReplaces(ca, request, names, replaces);
  const order = reusable(ca, request, names) ?? makeOrder(ca, request, names, replaces as string | undefined);
  return show(ca, refresh(ca, order), 201);
}

function reusable(ca: Authority, request: AccountRequest, names: string[]): Order | undefined {
  const statuses = ca.switched('order-already-valid', request.operation) ? ['valid'] : ['pending', 'ready'];
  return ca.records.orders
    .values()
    .filter((one) => one.account === request.account.id && isDeepStrictEqual(one.names, names) && !isPast(one.expires))
    .find((one) => statuses.includes(refresh(ca, one).status));
}

function makeOrder(ca: Authority, request: AccountRequest, names: string[], replaces: string | undefined): Order {
  const proven = ca.switched('authz-reused', request.operation) !== undefined;
  const order: Order = {
    id: randomUUID(),
    account: request.account.id,
    status: 'pending',
    names,
    authorizations: names.map((name) => findOrMake(ca, request.account.id, name, proven).id),
    expires: daysFromNow(7),
    pollsLeft: 0,
    busyUntil: 0,
    ...(replaces ? { replaces } : {}),
  };
  return ca.records.orders.set(order.id, order);
}

/** POST-as-GET of an order; each look at one in `processing` brings it closer to `valid`. */
export function order(ca: Authority, request: AccountRequest): Reply {
  postAsGet(request);
  const order = ownOrder(ca, request);
  const reply = show(ca, order, 200);
  if (order.status === 'processing') ca.records.orders.set(order.id, { ...order, pollsLeft: order.pollsLeft - 1 });
  return reply;
}

/**
 * The order a request is about. Expired ones are not known any more, as with Boulder. Those that are finalized do not expire
 * on demand: they have days until they do, and by then their certificate was fetched.
 */
export function ownOrder(ca: Authority, request: AccountRequest): Order {
  const order = ca.records.orders.get(request.id);
  if (order && OPEN.has(order.status) && ca.switched('order-expired-between-steps', request.operation))
    ca.records.orders.set(order.id, { ...order, expires: daysFromNow(-1) });
  const current = ca.records.orders.get(request.id);
  if (!current || isPast(current.expires)) throw notFound(`No order for ID ${request.id}`);
  if (current.account !== request.account.id) throw unauthorized('the order belongs to another account');
  return refresh(ca, current);
}

/** Brings the order's status up to date with its authorizations and with time. */
function refresh(ca: Authority, order: Order): Order {
  const now = statusNow(ca, order);
  return now.status === order.status ? order : ca.records.orders.set(order.id, { ...order, ...now });
}

function statusNow(ca: Authority, order: Order): Pick<Order, 'status' | 'error'> {
  const { status, pollsLeft, busyUntil } = order;
  if (status === 'processing') return { status: pollsLeft <= 0 && Date.now() >= busyUntil ? 'valid' : 'processing' };
  if (!OPEN.has(status)) return { status };
  const parts = order.authorizations.map((id) => ca.records.authorizations.get(id)!);
  const bad = parts.find((one) => (one.status !== 'pending' && one.status !== 'valid') || isPast(one.expires));
  if (bad) return { status: 'invalid', error: bad.challenge.error ?? lapsed(bad.name) };
  return { status: parts.every((one) => one.status === 'valid') ? 'ready' : 'pending' };
}

const OPEN: ReadonlySet<Order['status']> = new Set(['pending', 'ready']);

const lapsed = (name: string) =>
  new Problem(403, 'unauthorized', `the authorization for ${name} does not hold any more`).document;

export function show(ca: Authority, order: Order, status: number): Reply {
  const { certificate } = order;
  const seconds = order.status === 'processing' && ca.speed > 0 ? { 'retry-after': '1' } : {};
  return {
    status,
    headers: { location: ca.url(`/order/${order.id}`), ...seconds },
    body: {
      status: order.status,
      expires: order.expires,
      identifiers: order.names.map((value) => ({ type: 'dns', value })),
      authorizations: order.authorizations.map((id) => ca.url(`/authz/${id}`)),
      finalize: ca.url(`/finalize/${order.id}`),
      ...(order.status === 'valid' ? { certificate: ca.url(`/certificate/${certificate}`) } : {}),
      ...(order.replaces ? { replaces: order.replaces } : {}),
      ...(order.error ? { error: order.error } : {}),
    },
  };
}
