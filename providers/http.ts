import { ProviderError, type ProviderErrorKind } from '../core/errors.ts';

export interface HttpCall {
  provider: string;
  operation: string;
  url: string;
  method: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  status: number;
  reason: string;
  headers: Headers;
  text: string;
}

// Failures before a byte was sent: nothing can have happened.
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** One HTTP request with a deadline. Answers whatever status came; throws only where no answer came. */
export async function callHttp(call: HttpCall): Promise<HttpAnswer> {
  const deadline = AbortSignal.timeout(call.timeoutMs);
  try {
    const response = await fetch(call.url, {
      method: call.method,
      ...(call.headers ? { headers: call.headers } : {}),
      ...(call.body === undefined ? {} : { body: call.body }),
      signal: call.signal ? AbortSignal.any([deadline, call.signal]) : deadline,
      redirect: 'error',
    });
    return {
      status: response.status,
      reason: response.statusText,
      headers: response.headers,
      text: await response.text(),
    };
  } catch (cause) {
    throw noAnswer(call, cause);
  }
}

function noAnswer(call: HttpCall, cause: unknown): ProviderError {
  const code = codeOf(cause);
  const kind: ProviderErrorKind = NEVER_SENT.has(code)
    ? 'unavailable'
    : call.method === 'GET'
      ? 'unavailable'
      : 'unknown';
  const detail = `no answer to ${call.method} ${new URL(call.url).pathname} (${code})`;
  return new ProviderError({ provider: call.provider, operation: call.operation, kind, detail, code, cause });
}

// By shape: an error of fetch may come from another realm than ours (node:vm), where instanceof fails.
function codeOf(thrown: unknown): string {
  const { name, code, cause } = thrown as { name?: string; code?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return 'TIMEOUT';
  return String(cause?.code ?? (typeof code === 'string' ? code : name));
}

/** Milliseconds from a Retry-After header: seconds or an HTTP date (RFC 9110 10.2.3). */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after');
  if (!value) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
