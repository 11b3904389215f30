import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { StartFailure } from './failure.ts';
import { saying } from './say.ts';
import type { EngineSearch } from './temporal-binary.ts';
import { TEMPORAL } from './temporal-release.ts';

const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
const TOOLS = join(import.meta.dirname, '../../tools');
/** What tools/go.mod asks for; an older Go from 1.21 on fetches that toolchain by itself. */
const GO = { wanted: [1, 26, 4], oldest: [1, 21, 0] };

/**
 * Builds the genuine server from source, pinned by tools/go.sum.
 * @returns false where there is no Go that can
 */
export async function buildTemporal(target: string, { env, say }: Pick<EngineSearch, 'env' | 'say'>): Promise<boolean> {
  const version = goVersion(env);
  if (!version || before(version, GO.oldest)) return false;
  const goEnv = { ...env, GOTOOLCHAIN: before(version, GO.wanted) ? 'auto' : 'local' };
  const unfinished = `${target}.${process.pid}`;
  mkdirSync(dirname(target), { recursive: true });
  try {
    let fetched = 0;
    const list = go(['list', '-deps', PACKAGE], goEnv, (line) => {
      if (line.startsWith('go: downloading')) fetched += 1;
    });
    const packages = await saying(
      say,
      'Fetching the Temporal server’s source (usually half a minute, once)',
      list,
      () => `${fetched} modules`,
    );
    const total = packages.length;
    let built = 0;
    const build = go(['build', '-v', '-trimpath', '-ldflags=-s -w', '-o', unfinished, PACKAGE], goEnv, () => {
      built += 1;
    });
    const label = `Building the Temporal server ${TEMPORAL.server} (usually 5 minutes on 2 cores, once)`;
    await saying(say, label, build, () => `${built} of ${total} packages`);
    renameSync(unfinished, target);
    return true;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function goVersion(env: NodeJS.ProcessEnv): number[] | undefined {
  try {
    const said = execFileSync('go', ['version'], { encoding: 'utf8', env: { ...env, GOTOOLCHAIN: 'local' }, cwd: '/' });
    const [major, minor, patch] = /go(\d+)\.(\d+)(?:\.(\d+))?/.exec(said)?.slice(1) ?? [];
    return [Number(major), Number(minor), Number(patch ?? 0)];
  } catch {
    return undefined; // no Go
  }
}

function before(version: number[], other: number[]): boolean {
  const at = version.findIndex((part, i) => part !== other[i]);
  return at >= 0 && version[at]! < other[at]!;
}

/** Runs go in tools/; the lines of its standard output, and each line of standard error as it comes. */
async function go(args: string[], env: NodeJS.ProcessEnv, heard: (line: string) => void): Promise<string[]> {
  const child = spawn('go', args, { cwd: TOOLS, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  let last = '';
  createInterface(child.stdout).on('line', (line) => output.push(line));
  createInterface(child.stderr).on('line', (line) => {
    last = line;
    heard(line);
  });
  const code = await new Promise((done, fail) => child.once('error', fail).once('close', done));
  if (code !== 0) throw new StartFailure(`The Temporal server cannot be built: go ${args[0]} says: ${last}`);
  return output;
}
