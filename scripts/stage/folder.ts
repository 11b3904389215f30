import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StartFailure } from '../launch/failure.ts';
import { aborted } from '../launch/stop-signal.ts';

/** Does `work` with a data folder of its own below `parent`, which goes away with it. */
export async function inFolder<T>(parent: string, work: (dataDir: string) => Promise<T>): Promise<T> {
  mkdirSync(parent, { recursive: true });
  const dataDir = mkdtempSync(join(parent, 'platform-'));
  try {
    return await work(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Throws StartFailure when Ctrl-C is pressed. */
export async function interruption(signal: AbortSignal): Promise<never> {
  await aborted(signal);
  throw new StartFailure('Stopped.');
}
