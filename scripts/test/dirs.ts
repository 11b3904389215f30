import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, ProcessTable } from '../launch/process-table.ts';

/** `mpanel-test-<pid of the owner>-<random>`: all that the tests of one run write. */
const NAME = /^mpanel-test-(\d+)-/;

export function makeTestDir(): string {
  return mkdtempSync(join(tmpdir(), `mpanel-test-${process.pid}-`));
}

/** Ends every process that this run, or one that is gone, has left behind, and removes its folders. */
export async function clearTestDirs(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const owner = Number(NAME.exec(name)?.[1]);
    if (!owner || (owner !== process.pid && isAlive(owner))) continue;
    const dir = join(tmpdir(), name);
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (entry.isDirectory()) await ProcessTable.clear(join(dir, entry.name));
    }
    rmSync(dir, { recursive: true, force: true });
  }
}
