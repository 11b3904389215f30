import type { z } from 'zod';
import { ProviderError } from '../../core/errors.ts';
import { callHttp, type HttpAnswer, type HttpCall } from '../http.ts';
import { failureKind } from './failure.ts';

export interface ProxmoxConfig {
  /** https://host:8006. A CA that the system does not know is named to Node by NODE_EXTRA_CA_CERTS. */
  url: string;
  /** user@realm!name */
  tokenId: string;
  tokenSecret: string;
  /** Resource pool of every guest whose spec names none. */
  pool?: string;
  /** Of one call. Proxmox's own proxy gives up after 30 s: less than that makes more outcomes unknown. */
  timeoutMs: number;
}

type Value = string | number | boolean | string[] | undefined;
export type Params = Readonly<Record<string, Value>>;

/** One call to /api2/json; answers `data` in the given shape, or throws ProviderError. */
export type Api = <T>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  shape: z.ZodType<T>,
  params?: Params,
) => Promise<T>;

export function proxmoxApi(config: ProxmoxConfig): Api {
  const base = `${config.url.replace(/\/+$/, '')}/api2/json`;
  const authorization = `PVEAPIToken=${config.tokenId}=${config.tokenSecret}`;
  return async (method, path, shape, params = {}) => {
    const form = encodeForm(params);
    // A GET or DELETE with a body is answered 501.
    const inQuery = method === 'GET' || method === 'DELETE';
    const call: HttpCall = {
      provider: 'proxmox',
      operation: `${method} ${path}`,
      url: inQuery && form ? `${base}${path}?${form}` : `${base}${path}`,
      method,
      headers: inQuery ? { authorization } : { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      ...(inQuery ? {} : { body: form }),
      timeoutMs: config.timeoutMs,
    };
    return read(call, await send(call), shape);
  };
}

/** A path whose parts are percent-encoded. */
export function path(texts: TemplateStringsArray, ...parts: (string | number)[]): string {
  return texts.reduce((whole, text, i) => whole + encodeURIComponent(parts[i - 1] ?? '') + text);
}

/** Form encoding as Proxmox reads it: booleans as 1 and 0, lists as repeated keys; undefined is left out. */
export function encodeForm(params: Params): string {
  const form = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value])
      form.append(key, one === true ? '1' : one === false ? '0' : String(one));
  }
  return form.toString();
}

// pveproxy drops idle connections after 5 s, so a reused one may be reset under a request.
const RESET = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

async function send(call: HttpCall): Promise<HttpAnswer> {
  try {
    return await callHttp(call);
  } catch (error) {
    if (call.method === 'GET' && error instanceof ProviderError && RESET.has(error.code ?? '')) return callHttp(call);
    throw error;
  }
}

function read<T>(call: HttpCall, answer: HttpAnswer, shape: z.ZodType<T>): T {
  const body = parse(answer.text);
  if (answer.status !== 200) throw failure(call, answer, body);
  const data = shape.safeParse(body.data ?? null);
  if (data.success) return data.data;
  const { provider, operation } = call;
  throw new ProviderError({ provider, operation, kind: 'unknown', detail: 'unreadable answer', cause: data.error });
}

interface Body {
  data?: unknown;
  message?: string;
  errors?: Record<string, string>;
}

function parse(text: string): Body {
  try {
    return (JSON.parse(text) ?? {}) as Body;
  } catch {
    return {};
  }
}

// Nodes before 8.4 tell the failure in the reason phrase alone.
function failure({ provider, operation }: HttpCall, answer: HttpAnswer, body: Body): ProviderError {
  const message = (body.message || answer.reason).trim();
  const fields = Object.entries(body.errors ?? {}).map(([name, text]) => `${name}: ${text.trim()}`);
  const detail = [message, ...fields].filter(Boolean).join(' ') || `status ${answer.status}`;
  return new ProviderError({
    provider,
    operation,
    kind: failureKind(answer.status, message),
    detail,
    code: String(answer.status),
  });
}
