import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { account } from '../launch/account.ts';
import { StartFailure } from '../launch/failure.ts';
import { postgresHome } from '../launch/postgres-binary.ts';

/** Of the embedded PostgreSQL. */
export function serverMajor(): number {
  const said = execFileSync(join(postgresHome(), 'bin', 'postgres'), ['--version'], { encoding: 'utf8' });
  return Number(/(\d+)/.exec(said)?.[1]);
}

/** Recovers a copied server folder and runs statements in its database `mpanel`, without opening a port. */
export async function runOnCopy(dir: string, statements: string[]): Promise<void> {
  const home = postgresHome();
  const args = ['--single', '-D', dir, 'mpanel'];
  const { command, args: all, ...ids } = account(dir, [dir, home]).run(join(home, 'bin', 'postgres'), args);
  const child = spawn(command, all, { cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }, ...ids });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk));
  const ended = new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  child.stdin.end(statements.map((statement) => `${statement}\n`).join(''));
  const code = await ended;
  // It goes on after a statement that failed, and ends with 0.
  const wrong = said.split('\n').find((line) => /\b(ERROR|FATAL|PANIC):/.test(line));
  if (code !== 0 || wrong) throw new StartFailure(`The copied database cannot be put right: ${wrong ?? said.trim()}`);
}
