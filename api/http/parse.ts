import type { Request } from 'express';
import { z } from 'zod';
import { AppError, type ErrorCode, notFound } from '../../core/app-error.ts';
import { inWords } from '../../runtime/issue-words.ts';
import type { Route } from './route.ts';

const MAX_DEPTH = 32;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

/** What the route's schemas make of a request. Ids in the path that cannot be any are as absent as unknown ones. */
export function parseInput(route: Route, req: Request) {
  const { tenantId: _, ...query } = req.query;
  const params = route.params ? route.params.safeParse(req.params) : undefined;
  if (params && !params.success) throw notFound();
  return {
    params: params?.data as never,
    query: parse(route.query ?? z.strictObject({}), query, 'INVALID_QUERY') as never,
    body: parseBody(route, req) as never,
    header: (name: string) => req.get(name),
  };
}

function parseBody(route: Route, req: Request): unknown {
  if (route.raw) return req.body;
  if (req.body === undefined && Number(req.get('content-length') ?? 0) > 0)
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.');
  // A body nobody asked for is refused like an unknown field of one.
  return parse(
    route.body ?? z.strictObject({}).optional(),
    req.body ?? (route.body ? {} : undefined),
    'VALIDATION_FAILED',
  );
}

function parse(schema: z.ZodType, value: unknown, code: ErrorCode): unknown {
  refuseBadText(value, code);
  const result = schema.safeParse(value, { error: inWords });
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({ path, message }));
  const [first] = issues;
  throw new AppError(code, first ? `${first.path.join('.') || 'request'}: ${first.message}` : code, { issues });
}

/** Text that PostgreSQL cannot store (NUL, half a surrogate pair) and nesting that is no document of ours. */
function refuseBadText(value: unknown, code: ErrorCode, depth = 0): void {
  if (depth > MAX_DEPTH) throw new AppError(code, 'nested too deeply');
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed())
      throw new AppError(code, 'text with characters that are not allowed');
  } else if (value !== null && typeof value === 'object') {
    for (const [key, entry] of Object.entries(value)) {
      refuseBadText(key, code, depth + 1);
      refuseBadText(entry, code, depth + 1);
    }
  }
}
