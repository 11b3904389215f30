import { createServer, type Server } from 'node:http';
import { register } from 'prom-client';

export interface HealthOptions {
  port: number;
  /** What is not ready, in words; null when all is. */
  problem(): Promise<string | null>;
  /** URL of the Temporal SDK's own metrics. */
  sdkMetricsUrl: string;
}

/** /health and /metrics of the workers, on loopback. */
export function serveHealth({ port, problem, sdkMetricsUrl }: HealthOptions): Promise<Server> {
  const server = createServer((req, res) => {
    const answer = req.url === '/metrics' ? metrics(sdkMetricsUrl) : health(problem);
    answer.then(
      ({ status, type, body }) => res.writeHead(status, { 'content-type': type }).end(body),
      (error: Error) => res.writeHead(500, { 'content-type': 'text/plain' }).end(error.message),
    );
  });
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => done(server));
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

async function metrics(sdkMetricsUrl: string) {
  const sdk = await fetch(sdkMetricsUrl, { signal: AbortSignal.timeout(2_000) });
  return { status: 200, type: register.contentType, body: `${await register.metrics()}\n${await sdk.text()}` };
}
