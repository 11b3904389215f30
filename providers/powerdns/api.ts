import { z } from 'zod';
import { ProviderError, type ProviderErrorKind } from '../../core/errors.ts';
import { callHttp, type HttpAnswer } from '../http.ts';

export interface PowerDnsConfig {
  /** http://host:8081 */
  url: string;
  apiKey: string;
  timeoutMs: number;
}

/** One call below /api/v1/servers/localhost; answers the parsed body in the given shape, or throws ProviderError. */
export type Api = <T>(method: string, path: string, shape: z.ZodType<T>, body?: unknown) => Promise<T>;

const problem = z.object({ error: z.string() });

export function powerDnsApi(config: PowerDnsConfig): Api {
  const base = `${config.url.replace(/\/+$/, '')}/api/v1/servers/localhost`;
  return async (method, path, shape, body) => {
    const call = { provider: 'powerdns', operation: `${method} ${path}` };
    const answer = await callHttp({
      ...call,
      url: `${base}${path}`,
      method,
      // Without Accept most failures come as plain text.
      headers: { 'x-api-key': config.apiKey, accept: 'application/json', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: config.timeoutMs,
    });
    if (answer.status >= 300) throw failure(call, method, answer);
    const parsed = shape.safeParse(parse(answer.text));
    if (parsed.success) return parsed.data;
    throw new ProviderError({ ...call, kind: 'unknown', detail: 'unreadable answer', cause: parsed.error });
  };
}

function failure(call: { provider: string; operation: string }, method: string, { status, text }: HttpAnswer) {
  const told = problem.safeParse(parse(text));
  const detail = told.success ? told.data.error : text || `status ${status}`;
  return new ProviderError({ ...call, kind: kindOf(status, method), detail, code: String(status) });
}

function kindOf(status: number, method: string): ProviderErrorKind {
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'absent';
  if (status === 409) return 'conflict';
  if (status < 500) return 'refused';
  // A write may have been done in spite of a 500 (locked database, deadlock).
  return method === 'GET' ? 'unavailable' : 'unknown';
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
