import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const DRAIN_MS = 10_000;

/** Listens; rejects when the port is taken or may not be used. Answers the port it got. */
export async function listen(app: RequestListener, { host, port }: { host: string; port: number }) {
  const server = createServer(app);
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, done);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Takes no new requests and finishes those that run; what is not done after a while is cut off. */
export async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  server.closeIdleConnections();
  await closed;
  clearTimeout(cut);
}
