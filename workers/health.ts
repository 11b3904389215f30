import { createServer, type Server } from 'node:http';
import ipaddr from 'ipaddr.js';
import { register } from 'prom-client';

export interface HealthOptions {
  host: string;
  port: number;
  /** Who has it may read the metrics from elsewhere than loopback. */
  metricsToken: string | undefined;
  /** What is not ready, in words; null when all is. */
  problem(): Promise<string | null>;
  /** URL of the Temporal SDK's own metrics. */
  sdkMetricsUrl: string;
}

/** /health and /metrics of the workers. */
export function serveHealth({ host, port, metricsToken, problem, sdkMetricsUrl }: HealthOptions): Promise<Server> {
  const server = createServer((req, res) => {
    const answer =
      req.url !== '/metrics'
        ? health(problem)
        : mayRead(req.socket.remoteAddress, req.headers.authorization, metricsToken)
          ? metrics(sdkMetricsUrl)
          : absent();
    answer.then(
      ({ status, type, body }) => res.writeHead(status, { 'content-type': type }).end(body),
      (error: Error) => res.writeHead(500, { 'content-type': 'text/plain' }).end(error.message),
    );
  });
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, () => done(server));
  });
}

async function health(problem: HealthOptions['problem']) {
  const wrong = await problem();
  return {
    status: wrong ? 503 : 200,
    type: 'application/json',
    body: JSON.stringify({ ready: !wrong, problem: wrong }),
  };
}

/** The metrics are for loopback, and for whoever has the token. */
export function mayRead(
  address: string | undefined,
  authorization: string | undefined,
  token: string | undefined,
): boolean {
  if (token && authorization === `Bearer ${token}`) return true;
  return address !== undefined && ipaddr.process(address).range() === 'loopback';
}

const absent = async () => ({ status: 404, type: 'text/plain', body: 'Not found' });

async function metrics(sdkMetricsUrl: string) {
  const sdk = await fetch(sdkMetricsUrl, { signal: AbortSignal.timeout(2_000) });
  return { status: 200, type: register.contentType, body: `${await register.metrics()}\n${await sdk.text()}` };
}
