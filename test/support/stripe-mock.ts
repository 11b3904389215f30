import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { LogEntry } from '../../sandbox/lib/log.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A request that the genuine stripe-mock did not accept, with its words. */
export interface Refusal {
  operation: string;
  body: string;
  status: number;
  answer: string;
}

export interface StripeMock {
  url: string;
  close(): Promise<void>;
}

/**
 * The genuine stripe-mock on a free loopback port: STRIPE_MOCK_PATH, else the one built before, else built from tools/.
 * Undefined, with one line that says so, where there is no Go to build it with; an error where CI is set.
 */
export async function startStripeMock(): Promise<StripeMock | undefined> {
  const binary = await findBinary();
  if (!binary) return undefined;
  const child = spawn(binary, ['-http-addr', '127.0.0.1:0', '-https-addr', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const failed = new Promise<never>((_, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`stripe-mock ended with ${code}`)));
  });
  // After the start an end is expected; nobody waits for this any more.
  failed.catch(() => {});
  const port = await Promise.race([listeningPort(child.stdout), failed]);
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      child.kill();
      return ended;
    },
  };
}

async function listeningPort(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const port = /HTTP at address: 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port) {
      output.resume();
      return port;
    }
  }
  throw new Error('stripe-mock said no address');
}

/**
 * Plays recorded requests of the stand-in's log to the genuine stripe-mock; answers what it refused.
 * Where it cannot be had (see startStripeMock) nothing is played and nothing refused.
 */
export async function replay(entries: LogEntry[]): Promise<Refusal[]> {
  const mock = await startStripeMock();
  if (!mock) return [];
  try {
    const refusals: Refusal[] = [];
    for (const { operation, request } of entries) {
      if (!/^\w+ \/v1\//.test(operation)) continue;
      const refusal = await play(mock, operation, request as Recorded);
      if (refusal) refusals.push(refusal);
    }
    return refusals;
  } finally {
    await mock.close();
  }
}

interface Recorded {
  query: Record<string, string>;
  headers: Record<string, string>;
  body: string;
}

async function play(mock: StripeMock, operation: string, request: Recorded): Promise<Refusal | undefined> {
  const [method = '', path = ''] = operation.split(' ');
  const search = new URLSearchParams(request.query).toString();
  const response = await fetch(`${mock.url}${path}${search && `?${search}`}`, {
    method,
    headers: {
      authorization: request.headers.authorization ?? '',
      'content-type': request.headers['content-type'] ?? 'application/x-www-form-urlencoded',
    },
    ...(method === 'GET' ? {} : { body: request.body }),
  });
  const answer = await response.text();
  return response.status < 400 ? undefined : { operation, body: request.body, status: response.status, answer };
}

async function findBinary(): Promise<string | undefined> {
  const named = process.env.STRIPE_MOCK_PATH;
  if (named) return named;
  const version = /stripe\/stripe-mock v([\d.]+)/.exec(readFileSync(join(ROOT, 'tools/go.mod'), 'utf8'))?.[1];
  const built = join(ROOT, `.cache/bin/stripe-mock-${version}`);
  return existsSync(built) || (await build(built)) ? built : undefined;
}

/** False, said in one line, where there is no Go. Built beside and renamed, so that two builds do not meet. */
async function build(target: string): Promise<boolean> {
  const beside = `${target}.${process.pid}`;
  mkdirSync(join(ROOT, '.cache/bin'), { recursive: true });
  try {
    const args = ['build', '-o', beside, 'github.com/stripe/stripe-mock'];
    await promisify(execFile)('go', args, { cwd: join(ROOT, 'tools') });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
    const line = 'The genuine stripe-mock did not run: there is neither STRIPE_MOCK_PATH nor Go to build it.';
    if (process.env.CI) throw new Error(line);
    process.stderr.write(`${line}\n`);
    return false;
  }
  renameSync(beside, target);
  return true;
}
