import { type ChildProcess, execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

export function rememberChild(dir: string, child: ChildProcess): void {
  writeFileSync(join(dir, 'pid'), String(child.pid));
}

/** Ends the Pebble that a killed sandbox left behind. The number may be another process's by now: its command tells. */
export async function endLeftover(dir: string): Promise<void> {
  const pid = Number(readPid(dir));
  if (!(pid > 1) || !(await commandOf(pid)).includes(join(dir, 'config.json'))) return;
  process.kill(pid, 'SIGKILL');
  while ((await commandOf(pid)) !== '') await sleep(20);
}

function readPid(dir: string): string | undefined {
  try {
    return readFileSync(join(dir, 'pid'), 'utf8');
  } catch {
    return undefined;
  }
}

/** Empty where there is no such process. */
async function commandOf(pid: number): Promise<string> {
  try {
    return (await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)])).stdout.trim();
  } catch {
    return '';
  }
}
