import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { StartFailure } from './failure.ts';
import type { Say } from './say.ts';
import { buildTemporal } from './temporal-build.ts';
import { downloadTemporal } from './temporal-download.ts';
import { TEMPORAL } from './temporal-release.ts';

export interface EngineSearch {
  /** TEMPORAL_CLI_PATH, PATH and CI are looked at. */
  env: NodeJS.ProcessEnv;
  /** The folder of binaries made earlier. */
  cache: string;
  say: Say;
}

const THREE_WAYS = `There is no Temporal server for this machine. Three ways out:
  - point TEMPORAL_ADDRESS at a running one,
  - install the Temporal CLI (server ${TEMPORAL.serverAtLeast.join('.')} or newer) or name it in TEMPORAL_CLI_PATH,
  - install Go 1.26.4 or newer, from which it is built here.`;

/**
 * A `temporal` binary: TEMPORAL_CLI_PATH, PATH, the cache, the download (never with CI set), a build from tools/.
 * @throws StartFailure with exit code 78 naming the three ways out
 */
export async function findTemporal(search: EngineSearch): Promise<string> {
  const named = search.env.TEMPORAL_CLI_PATH;
  if (named && !(await isRecent(named)))
    throw new StartFailure(
      `TEMPORAL_CLI_PATH=${named} is no Temporal CLI with server ${TEMPORAL.serverAtLeast.join('.')} or newer.`,
      78,
    );
  if (named) return named;
  for (const folder of (search.env.PATH ?? '').split(delimiter)) {
    const found = join(folder, 'temporal');
    if (existsSync(found) && (await isRecent(found))) return found;
  }
  const cached = join(search.cache, `temporal-${TEMPORAL.server}`);
  if (existsSync(cached)) return cached;
  if (!search.env.CI && (await downloadTemporal(cached, search.say)) && (await isRecent(cached))) return cached;
  if (await buildTemporal(cached, search)) return cached;
  throw new StartFailure(THREE_WAYS, 78);
}

/** The CLI's own version says nothing of the server in it, and is 0.0.0-DEV in a build of ours. */
async function isRecent(binary: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 10_000 });
    const [major = 0, minor = 0] = /Server (\d+)\.(\d+)/.exec(stdout)?.slice(1).map(Number) ?? [];
    const [wantedMajor, wantedMinor] = TEMPORAL.serverAtLeast;
    return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  } catch {
    return false; // not a program, or not one that runs here
  }
}
