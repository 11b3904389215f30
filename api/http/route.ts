import { z } from 'zod';
import type { Permission } from '../../core/permissions.ts';
import type { Anonymous, Context } from '../context.ts';
import type { Feed } from '../realtime/feed.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Responses = Readonly<Record<number, z.ZodType>>;

/** One of the statuses the route declares, with a body of its schema. */
export type Reply<R extends Responses> = {
  [S in keyof R]: { status: S; body: z.output<R[S]>; headers?: Record<string, string> };
}[keyof R];

interface Description<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends Responses> {
  method: Method;
  /** As express and the contract write it: /dns/zones/:id */
  path: string;
  /** One line for the API's documentation. */
  summary: string;
  tag: string;
  params?: P;
  query?: Q;
  body?: B;
  /** That it looks at, for its documentation. */
  headers?: z.ZodType;
  responses: R;
  /** Of a body that is not JSON. */
  contentType?: string;
  /** Counted against the tighter limit of logins. */
  guarded?: true;
  /** Time the request may spend on sending what it wrote to the engine; 1.5 s unless told. */
  dispatchMs?: number;
}

interface Input<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  header(name: string): string | undefined;
}

/**
 * How a POST honours Idempotency-Key. transaction: the key is claimed in the transaction of the effect, so that there is
 * one effect even through a crash. answer: only the answer is kept, for routes that find their own earlier effect.
 * none: its answer must not be kept.
 */
export type Idempotency = 'transaction' | 'answer' | 'none';

/** A row of a contract's table, as the binding and the documentation read it. */
export interface Route extends Description<z.ZodType, z.ZodType, z.ZodType, Responses> {
  permission: Permission | 'public';
  idempotency: Idempotency;
  /** Takes the body as the bytes that were sent. */
  raw: boolean;
  /** The body is a Feed (api/realtime), told as server-sent events; the schema is that of their data. */
  streams?: true;
  handler(
    ctx: Context,
    input: { params: never; query: never; body: never; header(name: string): string | undefined },
  ): Promise<{ status: number; body: unknown; headers?: Record<string, string> }>;
}

export function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends Responses>(
  spec: Description<P, Q, B, R> & {
    permission: Permission;
    idempotency?: Idempotency;
    handler(ctx: Context, input: Input<P, Q, B>): Promise<Reply<R>>;
  },
): Route {
  return { raw: false, idempotency: spec.method === 'post' ? 'transaction' : 'none', ...spec } as Route;
}

const streamQuery = z.strictObject({
  /** In the place of the header, for what cannot send any. */
  ticket: z
    .string()
    .regex(/^[\w-]{1,100}$/, 'a ticket of /ticket')
    .optional(),
  lastEventId: z.coerce.number().int().min(0).optional(),
});

/** A GET whose answer goes on: server-sent events, each with data of the schema. */
export function eventRoute<P extends z.ZodType>(
  spec: Pick<Description<P, z.ZodType, z.ZodType, Responses>, 'path' | 'summary' | 'tag'> & {
    permission: Permission;
    params: P;
    data: z.ZodType;
    feed(ctx: Context, input: { params: z.output<P> }): Promise<Feed>;
  },
): Route {
  const { data, feed, ...rest } = spec;
  const about = { method: 'get', contentType: 'text/event-stream', streams: true, query: streamQuery } as const;
  const handler: Route['handler'] = async (ctx, input) => ok(await feed(ctx, input));
  return { ...about, raw: false, idempotency: 'none', responses: { 200: data, 204: z.undefined() }, handler, ...rest };
}

/** A route for anybody. `raw`: the handler gets the body as a Buffer. */
export function publicRoute<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends Responses>(
  spec: Description<P, Q, B, R> & {
    raw?: boolean;
    handler(ctx: Anonymous, input: Input<P, Q, B>): Promise<Reply<R>>;
  },
): Route {
  return { raw: false, idempotency: 'none', permission: 'public', ...spec } as unknown as Route;
}

export const ok = <T>(body: T) => ({ status: 200 as const, body });
export const created = <T>(body: T) => ({ status: 201 as const, body });
export const accepted = <T>(body: T) => ({ status: 202 as const, body });
export const noContent = () => ({ status: 204 as const, body: undefined });
