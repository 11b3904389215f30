import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { AppError, notFound } from '../../core/app-error.ts';
import { may, readingOf } from '../../core/permissions.ts';
import { type Actor, actingAs } from '../../db/acting.ts';
import { asPlatform, asTenant } from '../../db/tenant-scope.ts';
import type { Anonymous, Context, Deps } from '../context.ts';
import { dispatch } from '../dispatch.ts';
import { follow } from '../realtime/follow.ts';
import { redeemTicket } from '../realtime/ticket.ts';
import { requireSignIn } from '../usecases/access.ts';
import { authenticate } from './auth.ts';
import { type Answer, inTransaction, keepingAnswer } from './idempotency.ts';
import { parseInput } from './parse.ts';
import type { Limits } from './rate-limit.ts';
import type { Route } from './route.ts';
import type { Tokens } from './tokens.ts';

const BODY_LIMIT = '1mb';
const DISPATCH_MS = 1_500;

export interface Binding extends Deps {
  tokens: Tokens;
  limits: Limits;
  /** Refuses to send an answer that is not what its schema says. */
  checkResponses: boolean;
}

/** Mounts a contract's table. Known paths with another method are 405. */
export function bindRoutes(router: Router, routes: readonly Route[], binding: Binding): void {
  const json = express.json({ limit: BODY_LIMIT, type: 'application/json' });
  const bytes = express.raw({ limit: BODY_LIMIT, type: () => true });
  for (const [path, there] of byPath(routes)) {
    for (const route of there) router[route.method](path, route.raw ? bytes : json, serve(route, binding));
    router.all(path, refuseMethod(there));
  }
}

/** What is written out comes first: /domains/search is no id of a domain, whatever the method. */
function byPath(routes: readonly Route[]): [string, Route[]][] {
  const paths = Object.entries(Object.groupBy(routes, ({ path }) => path)) as [string, Route[]][];
  return paths.sort(([a], [b]) => Number(a.includes(':')) - Number(b.includes(':')));
}

function serve(route: Route, binding: Binding): RequestHandler {
  return async (req, res) => {
    const anonymous = openContext(binding, req, res);
    if (route.streams) await redeemTicket(anonymous.em, binding.seal, req);
    const ctx = route.permission === 'public' ? (anonymous as Context) : await enter(route, binding, anonymous, req);
    const { tenantId } = ctx.caller ?? {};
    const counted = () => binding.limits.take(req, res, { tenantId, guarded: route.guarded === true });
    await (tenantId ? asTenant(tenantId, counted) : counted());
    const input = parseInput(route, req);
    if (route.streams) {
      const enterAgain = () => enter(route, binding, openContext(binding, req, res), req);
      return follow(req, res, { route, binding, ctx, input, enterAgain });
    }
    const answered = () =>
      actingAs(actorOf(ctx), () =>
        once(route, ctx, req, async (inner) => {
          const reply = await route.handler(inner, input);
          return encode(route, reply, binding.checkResponses);
        }),
      );
    const dispatched = () => dispatch(ctx, route.dispatchMs ?? DISPATCH_MS);
    const answer = await (tenantId ? asTenant(tenantId, answered) : answered());
    await (tenantId
      ? asTenant(tenantId, dispatched)
      : asPlatform('a public request writes for any tenant', dispatched));
    send(res, route, answer);
  };
}

/** A public request acts for nobody until it has found out for whom. */
function actorOf({ caller, address, requestId }: Anonymous & Partial<Context>): Actor {
  if (!caller) return { type: 'system', address, requestId };
  const { userId, keyId } = caller;
  return { ...(keyId === null ? { type: 'user', id: userId } : { type: 'api_key', id: keyId }), address, requestId };
}

function openContext(
  { orm, tokens: _, limits: __, checkResponses: ___, ...deps }: Binding,
  req: Request,
  res: Response,
): Anonymous {
  return { ...deps, em: orm.em.fork(), requestId: res.locals.requestId as string, address: req.ip ?? '', parcels: [] };
}

/** No permission to know of a noun: it is not there. May know but not do: 403. Rows are looked at by `seen`. */
async function enter(route: Route, { tokens }: Binding, anonymous: Anonymous, req: Request): Promise<Context> {
  const permission = route.permission as Context['permission'];
  const caller = await authenticate(anonymous.em, tokens, req);
  const { tenantId, customerId, permissions } = caller;
  const ctx = { ...anonymous, caller, scope: { tenantId, customerId }, permission };
  if (permission === 'session.write') requireSignIn(ctx);
  if (!may(permissions, permission)) {
    if (!may(permissions, readingOf(permission))) throw notFound();
    if (!route.params) throw new AppError('FORBIDDEN', 'You may not do this.');
  }
  return ctx;
}

function once(route: Route, ctx: Context, req: Request, run: (ctx: Context) => Promise<Answer>): Promise<Answer> {
  const key = req.get('idempotency-key');
  if (key === undefined || route.idempotency === 'none') return run(ctx);
  const request = { method: route.method, path: req.originalUrl, body: req.body as unknown };
  const keep = route.idempotency === 'transaction' ? inTransaction : keepingAnswer;
  return keep(ctx, { key, request, run });
}

function encode(
  route: Route,
  { status, body, headers }: Awaited<ReturnType<Route['handler']>>,
  check: boolean,
): Answer {
  const text = body === undefined ? '' : route.contentType ? String(body) : JSON.stringify(body);
  if (check) {
    const sent: unknown = body === undefined || route.contentType ? body : JSON.parse(text);
    const result = route.responses[status]?.safeParse(sent);
    if (!result?.success)
      throw new Error(`${route.method} ${route.path} answers ${status} against its schema: ${result?.error.message}`);
  }
  return { status, body: text, ...(headers ? { headers } : {}) };
}

function send(res: Response, route: Route, { status, body, headers, replayed }: Answer): void {
  if (replayed) res.set('Idempotency-Replayed', 'true');
  if (headers) res.set(headers);
  res.status(status);
  if (body) res.type(route.contentType ?? 'application/json');
  res.end(body);
}

function refuseMethod(routes: readonly Route[]): RequestHandler {
  const methods = routes.map((route) => route.method.toUpperCase());
  const allow = [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : [])])].join(', ');
  return (req, res) => {
    res.set('Allow', allow);
    throw new AppError('METHOD_NOT_ALLOWED', `${req.method} is not served here; ${allow} is.`);
  };
}
