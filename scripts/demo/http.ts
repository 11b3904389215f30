import { DemoFailure } from './failure.ts';

const TIMEOUT_MS = 15_000;

/** An answer other than 2xx. */
export class Refusal extends DemoFailure {
  readonly status: number;

  constructor(what: string, status: number, body: string) {
    super(`${what}: ${status} ${body.slice(0, 500)}`);
    this.status = status;
  }
}

/** One HTTP call; the answer's JSON. Throws Refusal, or DemoFailure where nobody answers. */
export async function callJson(url: string, init: RequestInit = {}): Promise<unknown> {
  const what = `${init.method ?? 'GET'} ${url}`;
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: Error) => {
    throw new DemoFailure(`${what}: no answer (${(error.cause as Error | undefined)?.message ?? error.message})`);
  });
  const text = await response.text();
  if (!response.ok) throw new Refusal(what, response.status, text);
  return text ? JSON.parse(text) : undefined;
}
