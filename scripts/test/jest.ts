import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../launch/context.ts';
import { readJson } from '../launch/files.ts';

export type Counts = Record<'passed' | 'failed' | 'skipped', number>;

/** What jest writes with --json, as far as it is read here. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  /** Files that could not even be run. */
  numRuntimeErrorTestSuites: number;
}

/** Runs jest and counts. A file that cannot be run counts as a failed test, and so does a jest that fails otherwise. */
export async function jest(args: string[], env: NodeJS.ProcessEnv): Promise<Counts> {
  const report = join(String(env.MPANEL_TEST_DIR), 'report.json');
  rmSync(report, { force: true });
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const own = ['--json', `--outputFile=${report}`, '--passWithNoTests'];
  const command = [...flags, join(ROOT, 'node_modules/jest/bin/jest.js'), ...own, ...args];
  // --json turns the report for people to stderr and prints itself to stdout, where nobody wants it.
  const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  const code = await new Promise<number>((done) => child.once('exit', (status) => done(status ?? 1)));
  return count(readJson<Report>(report), code);
}

function count(report: Report | undefined, code: number): Counts {
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    passed: report.numPassedTests,
    failed: failed || (code === 0 ? 0 : 1),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
