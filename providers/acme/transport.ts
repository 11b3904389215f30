import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { ProviderError } from '../../core/errors.ts';
import type { HttpAnswer } from '../http.ts';

export interface Exchange {
  operation: string;
  method: 'GET' | 'HEAD' | 'POST';
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** Whether a lost answer leaves open what has happened. */
  effect: boolean;
}

/** Answers whatever status came; throws ProviderError only where no answer came. */
export type Send = (exchange: Exchange) => Promise<HttpAnswer>;

const MAX_BODY = 2 ** 20;

/**
 * HTTP(S) with a deadline over the whole exchange. `fetch` cannot be told to trust a private CA for one client alone.
 * @param ca PEM that the server's certificate must lead to, in place of the public roots
 */
export function createTransport({ ca, timeoutMs }: { ca?: string; timeoutMs: number }): Send {
  const plain = new PlainAgent({ keepAlive: true });
  const tls = new TlsAgent({ keepAlive: true, ...(ca ? { ca } : {}) });
  return (exchange) =>
    new Promise((done, fail) => {
      const secure = exchange.url.startsWith('https:');
      let connected = false;
      const lose = (cause: Error) => fail(noAnswer(exchange, connected, cause));
      const request = (secure ? tlsRequest : plainRequest)(exchange.url, {
        method: exchange.method,
        headers: { 'user-agent': 'mpanel', accept: '*/*', ...exchange.headers },
        agent: secure ? tls : plain,
        signal: AbortSignal.timeout(timeoutMs),
      });
      request.on('socket', (socket) => {
        connected = request.reusedSocket;
        if (!connected)
          socket.once(secure ? 'secureConnect' : 'connect', () => {
            connected = true;
          });
      });
      request.on('response', (response) => readAnswer(response).then(done, lose));
      request.on('error', lose);
      request.end(exchange.body);
    });
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BODY) throw new Error(`answer of more than ${MAX_BODY} bytes`);
  }
  const headers = new Headers(
    Object.entries(response.headersDistinct).flatMap(([name, all]) =>
      (all ?? []).map((one) => [name, one] as [string, string]),
    ),
  );
  const text = Buffer.concat(chunks).toString('utf8');
  return { status: response.statusCode ?? 0, reason: response.statusMessage ?? '', headers, text };
}

function noAnswer({ operation, method, url, effect }: Exchange, connected: boolean, cause: Error): ProviderError {
  const timedOut = cause.name === 'AbortError' || cause.name === 'TimeoutError';
  const code = timedOut ? 'TIMEOUT' : ((cause as { code?: string }).code ?? cause.name);
  const kind = connected && effect ? 'unknown' : 'unavailable';
  const detail = `no answer to ${method} ${url} (${code})`;
  return new ProviderError({ provider: 'acme', operation, kind, detail, code, cause });
}
