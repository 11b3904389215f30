import { join } from 'node:path';
import type { Child, ChildSpec } from './child.ts';
import type { Ports } from './ports.ts';
import type { Say } from './say.ts';
import type { Secrets } from './secrets.ts';

export type PartName = 'postgres' | 'temporal' | 'sandbox' | 'workers' | 'api';

/** The Node programs behind the parts, by path. */
export interface Scripts {
  migrate: string;
  sandbox: string;
  workers: string;
  api: string;
}

export const ROOT = join(import.meta.dirname, '../..');
export const USUAL_PORT = 2271;

/** What every part is started with. */
export interface Context {
  dataDir: string;
  /** The API's port. */
  apiPort: number;
  /** The user's own settings; they win over whatever the launcher finds. */
  env: NodeJS.ProcessEnv;
  scripts: Scripts;
  secrets: Secrets;
  /** False where an embedded server may lose everything in a power cut: tests. */
  durable: boolean;
  ports: Ports;
  say: Say;
  /** A child that is kept account of and stopped with the platform. */
  child(spec: ChildSpec & { name: PartName }): Child;
}

/**
 * A remembered port. The well-known one is for the instance on the API's usual port alone, so that two instances that
 * start at the same moment do not both find it free.
 */
export function claim(context: Context, use: string, wellKnown: number): Promise<number> {
  return context.ports.claim(use, context.apiPort === USUAL_PORT ? wellKnown : undefined);
}

/** A part that is a Node program of ours. */
export function program(
  context: Context,
  spec: { name: PartName; script: string; env: NodeJS.ProcessEnv; probe: () => Promise<boolean>; stopWithinMs: number },
): Child {
  const { script, stopWithinMs, ...rest } = spec;
  return context.child({
    ...rest,
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', script],
    cwd: ROOT,
    log: join(context.dataDir, 'logs', `${spec.name}.log`),
    stop: { signal: 'SIGTERM', withinMs: stopWithinMs },
  });
}

/** Whether a GET there is answered 2xx within two seconds. */
export async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // not yet
  }
}
