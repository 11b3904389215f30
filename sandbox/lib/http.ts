import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { FaultAction } from './faults.ts';
import type { StandIn } from './stand-in.ts';

export interface Call {
  method: string;
  /** Without the query, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** A string or buffer goes out as it is, anything else as JSON; undefined is an empty body. */
  body?: unknown;
  /** The reason phrase, where the real system says something in it. */
  reason?: string;
}

export interface HttpOptions {
  host: string;
  port: number;
  tls?: { key: string; cert: string };
  /** Largest body in bytes; a larger one is answered 413. */
  maxBody?: number;
  /** What of a call goes into the request log. */
  describe?: (call: Call) => unknown;
  /** Name of the operation for faults and log. */
  operation?: (call: Call) => string;
}

/** An HTTP(S) server whose every call passes the stand-in's fault switches and request log. */
export async function serveHttp(self: StandIn, options: HttpOptions, handle: (call: Call) => Promise<Reply> | Reply) {
  const listener: RequestListener = (req, res) => {
    answer(self, options, handle, req, res).catch((error: unknown) => {
      console.error(`${self.name}: ${req.method} ${req.url}`, error);
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(options.port, options.host, done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${options.tls ? 'https' : 'http'}://${options.host}:${port}`,
    server,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  self: StandIn,
  options: HttpOptions,
  handle: (call: Call) => Promise<Reply> | Reply,
  req: IncomingMessage,
  res: ServerResponse,
) {
  const body = await readBody(req, options.maxBody ?? 2 ** 20);
  if (!body) return send(res, { status: 413, body: 'body too large' });
  const url = new URL(req.url ?? '/', 'http://stand-in');
  const call: Call = {
    method: req.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: req.headers,
    body,
  };
  const operation = options.operation?.(call) ?? `${call.method} ${call.path}`;
  const request = options.describe?.(call) ?? describe(call);

  const before = self.faults.take(operation, 'before');
  const struck = before && (await strike(before, res));
  if (struck) return self.log.append({ operation, request, response: struck, fault: before });

  const reply = await handle(call);
  const after = self.faults.take(operation, 'after');
  const spoilt = after && (await strike(after, res));
  if (!spoilt) send(res, reply);
  self.log.append({
    operation,
    request,
    response: { status: reply.status, body: Buffer.isBuffer(reply.body) ? `${reply.body.length} bytes` : reply.body },
    ...(after ? { fault: { ...after, phase: 'after' } } : {}),
  });
}

/** Plays the fault; what it put on the wire, or undefined where the call goes on as usual. */
async function strike(action: FaultAction, res: ServerResponse): Promise<unknown> {
  switch (action.kind) {
    case 'delay':
      await new Promise((done) => setTimeout(done, action.ms));
      return undefined;
    case 'drop':
      res.socket?.destroy();
      return 'connection dropped';
    case 'status':
      send(res, action);
      return { status: action.status };
    case 'switch':
      return undefined;
  }
}

function send(res: ServerResponse, reply: Reply) {
  const raw = typeof reply.body === 'string' || Buffer.isBuffer(reply.body);
  const payload = reply.body === undefined ? '' : raw ? (reply.body as string | Buffer) : JSON.stringify(reply.body);
  const headers = {
    ...(raw || reply.body === undefined ? {} : { 'content-type': 'application/json' }),
    'content-length': String(Buffer.byteLength(payload)),
    ...reply.headers,
  };
  if (reply.reason) res.writeHead(reply.status, reply.reason.replace(/[^\x20-\x7e]+/g, ' '), headers);
  else res.writeHead(reply.status, headers);
  res.end(res.req.method === 'HEAD' ? undefined : payload);
}

async function readBody(req: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size > limit ? undefined : Buffer.concat(chunks);
}

function describe(call: Call) {
  const text = call.body.toString('utf8');
  return { query: Object.fromEntries(call.query), headers: call.headers, body: text };
}
