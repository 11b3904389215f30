import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/launch/ports.ts';
import { isAlive } from '../../scripts/launch/process-table.ts';
import { until } from '../support/until.ts';

type RunFile = {
  startedAt: string;
  pid: number;
  parts: Record<string, { pid: number; url: string } & Record<string, string>>;
};

export const newDataDir = () => mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'launcher-'));

/** `node scripts/launch.mjs <fixture start>` as a user starts it, as a process of its own. */
export async function launch(
  env: Record<string, string> & { DATA_DIR: string },
  script = 'test/launcher/fixtures/start.ts',
  cwd = process.cwd(),
) {
  const { PATH, HOME, TEMPORAL_CLI_PATH } = process.env;
  const port = env.PORT ?? String(await freePort());
  const since = new Date().toISOString();
  const child = spawn(process.execPath, ['scripts/launch.mjs', script], {
    cwd,
    env: { PATH, HOME, TEMPORAL_CLI_PATH, PORT: port, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const exited = new Promise<number | null>((done) => child.once('close', done));
  const file = join(env.DATA_DIR, 'run.json');
  return {
    child,
    exited,
    output: () => output.join(''),
    /** Waits until it says that it is ready; what run.json says then. */
    async ready(): Promise<RunFile> {
      return until(
        'ready',
        () => {
          if (child.exitCode !== null) throw new Error(output.join(''));
          const run = existsSync(file) ? read(file) : undefined;
          // One of a killed launcher may still be there.
          return run && run.startedAt > since && output.join('').includes('Ready after') ? run : undefined;
        },
        45_000,
      );
    },
    runFile: () => read(file),
    /** SIGTERM and the exit code. */
    async stop(): Promise<number | null> {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as RunFile;

export const pids = (run: RunFile) => Object.values(run.parts).map((part) => part.pid);
export const anyAlive = (list: number[]) => list.some(isAlive);

/** SIGKILL for each that is there. */
export function killAll(list: number[]): void {
  for (const pid of list.filter(isAlive)) process.kill(pid, 'SIGKILL');
}

export type Launched = Awaited<ReturnType<typeof launch>>;
