import type { z } from 'zod';
import type { Permission } from '../../core/permissions.ts';
import type { Anonymous, Context } from '../context.ts';

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
  handler(
    ctx: Context,
    input: { params: never; query: never; body: never },
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

/** A route for anybody. `raw`: the handler gets the body as a Buffer. */
export function publicRoute<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends Responses>(
  spec: Description<P, Q, B, R> & {
    raw?: boolean;
    handler(ctx: Anonymous, input: Input<P, Q, B> & { header(name: string): string | undefined }): Promise<Reply<R>>;
  },
): Route {
  return { raw: false, idempotency: 'none', permission: 'public', ...spec } as unknown as Route;
}

export const ok = <T>(body: T) => ({ status: 200 as const, body });
export const created = <T>(body: T) => ({ status: 201 as const, body });
export const accepted = <T>(body: T) => ({ status: 202 as const, body });
export const noContent = () => ({ status: 204 as const, body: undefined });
