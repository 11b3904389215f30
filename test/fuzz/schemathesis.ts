import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../scripts/launch/context.ts';
import { StartFailure } from '../../scripts/launch/failure.ts';
import { type Say, saying } from '../../scripts/launch/say.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS];
const run = promisify(execFile);

/** The fuzzer in a Python environment of its own, made once for these requirements. */
export async function findSchemathesis(say: Say): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const home = join(ROOT, `.cache/schemathesis-${digest}`);
  if (!existsSync(join(home, 'whole'))) await saying(say, 'Fetching schemathesis (usually 20 s, once)', install(home));
  return join(home, 'bin/schemathesis');
}

/** Whether the short walk can be taken here; with CI set it throws where it cannot, so that it is not lost unseen. */
export function pythonIsHere(): boolean {
  if (spawnSync('python3', ['-c', 'import venv, sys; sys.exit(sys.version_info < (3, 10))']).status === 0) return true;
  const why = 'there is no Python >= 3.10 with venv';
  if (process.env.CI) throw new Error(why);
  process.stderr.write(`the fuzzer did not run, ${why}\n`);
  return false;
}

/** In place, for an environment knows its own path; the mark comes last, so that half of one is made again. */
async function install(home: string): Promise<void> {
  rmSync(home, { recursive: true, force: true });
  try {
    await run('python3', ['-m', 'venv', home]);
    await run(join(home, 'bin/python'), PIP);
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    throw new StartFailure(
      `The fuzzer needs Python >= 3.10 with venv and pip: ${stderr.trim().split('\n').at(-1) || message}`,
    );
  }
  writeFileSync(join(home, 'whole'), '');
}
