import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const MODULE = 'github.com/letsencrypt/pebble/v2';

/**
 * Path of the genuine Pebble: PEBBLE_PATH, else the one built before, else built now from tools/, whose go.sum pins it.
 * Undefined where there is neither a binary nor Go to build it.
 */
export async function findPebble(say: (line: string) => void): Promise<string | undefined> {
  if (process.env.PEBBLE_PATH) return process.env.PEBBLE_PATH;
  const binary = join(ROOT, '.cache/bin', `pebble-${version()}`);
  if (existsSync(binary)) return binary;
  if (spawnSync('go', ['version']).status !== 0) return undefined;
  say(`building Pebble ${version()}, about 10 seconds`);
  mkdirSync(dirname(binary), { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  await promisify(execFile)('go', ['build', '-trimpath', '-o', unfinished, `${MODULE}/cmd/pebble`], {
    cwd: join(ROOT, 'tools'),
  });
  renameSync(unfinished, binary);
  return binary;
}

function version(): string {
  const found = readFileSync(join(ROOT, 'tools/go.mod'), 'utf8').match(/pebble\/v2 v([\d.]+)/);
  if (!found) throw new Error(`tools/go.mod does not require ${MODULE}`);
  return found[1]!;
}
