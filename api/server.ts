import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const DRAIN_MS = 10_000;
const SWEEP_MS = 50;

/** Listens; rejects when the port is taken or may not be used. Answers the port it got. */
export async function listen(app: RequestListener, { host, port }: { host: string; port: number }) {
  const server = createServer(app);
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, done);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Takes no new connections and finishes the requests that run; what is not done after a while is cut off. */
export async function drain(server: Server, withinMs = DRAIN_MS): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  // Who is still connected is told not to stay; a connection is idle only when its answer is out.
  server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'));
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), withinMs);
  await closed;
  clearTimeout(cut);
  clearInterval(sweep);
}
