import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Account, account } from './account.ts';
import type { Child } from './child.ts';
import type { Context } from './context.ts';
import { answers, ensureDatabases } from './database.ts';
import { StartFailure, saysDiskFull } from './failure.ts';
import { postgresHome } from './postgres-binary.ts';
import { type Say, saying } from './say.ts';

export interface PostgresOptions {
  /** The data folder of the instance; PostgreSQL's own is `postgres` in it. */
  dataDir: string;
  port: number;
  password: string;
  /** Databases that must exist. */
  databases: string[];
  durable: boolean;
  say: Say;
  child: Context['child'];
}

const USER = 'mpanel';
const FIXED = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  max_wal_size: '512MB',
};
const CARELESS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

export const postgresUrl = ({ port, password }: { port: number; password: string }, database: string) =>
  `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;

/** The embedded PostgreSQL server: initialised on first start, answering on loopback with its databases made when this returns. */
export async function startPostgres(options: PostgresOptions): Promise<Child> {
  const home = postgresHome();
  const dir = join(options.dataDir, 'postgres');
  const who = account(dir, [dir, home]);
  if (!existsSync(dir))
    await saying(options.say, 'Initialising PostgreSQL', initialise(home, dir, who, options.password));

  const settings = { ...FIXED, port: String(options.port), ...(options.durable ? {} : CARELESS) };
  const args = ['-D', dir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const admin = postgresUrl(options, 'postgres');
  const child = options.child({
    name: 'postgres',
    ...who.run(join(home, 'bin', 'postgres'), args),
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    log: join(options.dataDir, 'logs', 'postgres.log'),
    stop: { signal: 'SIGINT', withinMs: 20_000 },
    probe: () => answers(admin),
    prepare: () => dropStaleLock(dir),
  });
  await saying(options.say, 'Starting PostgreSQL', child.start());
  await ensureDatabases(admin, options.databases);
  return child;
}

/** In a folder of another name first, so that one cut off half-way is never taken for a database. */
async function initialise(home: string, dir: string, who: Account, password: string): Promise<void> {
  const fresh = `${dir}.new`;
  const passwordFile = `${dir}.password`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (who.owner) for (const path of [fresh, passwordFile]) chownSync(path, who.owner.uid, who.owner.gid);
  const settings = [
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-sync',
  ];
  const access = [`--username=${USER}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const { command, args, ...ids } = who.run(join(home, 'bin', 'initdb'), [`--pgdata=${fresh}`, ...settings, ...access]);
  try {
    await promisify(execFile)(command, args, { cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C' }, ...ids });
  } catch (error) {
    throw initdbFailure(dir, String((error as { stderr?: string }).stderr ?? error));
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(fresh, dir);
}

function initdbFailure(dir: string, stderr: string): StartFailure {
  if (saysDiskFull(stderr)) return new StartFailure(`The disk is full: PostgreSQL cannot write ${dir}.`);
  const why = stderr.split('\n').findLast((line) => line.includes('error:') || line.includes('FATAL')) ?? stderr.trim();
  return new StartFailure(`PostgreSQL cannot be initialised in ${dir}: ${why.trim()}`);
}

/**
 * PostgreSQL itself clears a lock file whose process is gone, but not one whose pid was given to another program since.
 * A server of ours that is still there is not at stake: its shared memory, found by the folder, keeps a second one out.
 */
function dropStaleLock(dir: string): void {
  const file = join(dir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const commandLine = `/proc/${pid}/cmdline`;
  if (process.platform === 'linux' && existsSync(commandLine) && !readFileSync(commandLine, 'utf8').includes(dir))
    rmSync(file);
}
