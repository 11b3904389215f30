import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/launch/context.ts';
import { freePort } from '../../../scripts/launch/ports.ts';
import { until } from '../../support/until.ts';
import type { Stage } from './index.ts';

/** A process of workers beside the platform's own, that nobody starts again. */
export interface Worker {
  /** SIGTERM; the exit code once it has finished what it was at. */
  stop(): Promise<number | null>;
  /** Starts it again, and waits until it is ready. */
  start(): Promise<void>;
  kill(): void;
}

export async function startWorker({ platform }: Stage, name: string): Promise<Worker> {
  const port = await freePort();
  let child: ChildProcess;

  async function start(): Promise<void> {
    const log = openSync(join(platform.dataDir, 'logs', `${name}.log`), 'a');
    const args = ['--disable-warning=ExperimentalWarning', join(ROOT, 'workers/main.ts')];
    const env = { ...platform.env, WORKER_PORT: String(port) };
    child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', log, log] });
    closeSync(log);
    await until(`${name} is ready`, async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok, 120_000);
  }

  await start();
  return {
    start,
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = (await exit) as [number | null];
      return code;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
