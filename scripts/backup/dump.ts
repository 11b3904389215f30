import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROLES } from '../../db/row-security.ts';
import { withClient } from '../launch/database.ts';
import { StartFailure, saysDiskFull } from '../launch/failure.ts';

/** A database of somebody else's, by PostgreSQL's own programs. */
export async function dumpDatabase(setting: string, url: string, file: string): Promise<void> {
  await run('pg_dump', setting, url, ['--format=custom', '--no-owner', '--no-privileges', `--file=${file}`]);
}

/** Into an empty database. @throws StartFailure where it is not */
export async function restoreDatabase(setting: string, url: string, file: string, afterwards: string[]): Promise<void> {
  await mustBeEmpty(setting, url);
  // Policies name them, and a dump of one database does not hold what belongs to the server.
  await withClient(url, async (client) => {
    for (const role of ROLES) await client.query(role);
  });
  const options = ['--no-owner', '--no-privileges', '--exit-on-error', '--single-transaction'];
  await run('pg_restore', setting, url, [...options, file]);
  await withClient(url, async (client) => {
    for (const statement of afterwards) await client.query(statement);
  });
}

export async function mustBeEmpty(setting: string, url: string): Promise<void> {
  const sql =
    "select count(*)::int as count from pg_tables where schemaname not in ('pg_catalog', 'information_schema')";
  const { rows } = await withClient(url, (client) => client.query<{ count: number }>(sql));
  if (rows[0]?.count)
    throw new StartFailure(
      `The database of ${setting} has ${rows[0].count} tables: a backup is restored into an empty one.`,
    );
}

/** The password goes by environment: a command line can be read by everybody on the machine. */
async function run(program: string, setting: string, url: string, args: string[]): Promise<void> {
  const { username, password, hostname, port, pathname, searchParams } = new URL(url);
  const env = {
    PATH: process.env.PATH,
    PGHOST: hostname,
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    ...(searchParams.has('sslmode') ? { PGSSLMODE: String(searchParams.get('sslmode')) } : {}),
  };
  const target = program === 'pg_restore' ? [`--dbname=${env.PGDATABASE}`] : [];
  try {
    await promisify(execFile)(program, [...target, ...args], { env });
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT')
      throw new StartFailure(`${setting} is not the embedded server's: ${program} of its version is needed on PATH.`);
    const said = (stderr ?? '').trim().split('\n').at(-1) ?? '';
    if (saysDiskFull(said)) throw new StartFailure(`The disk is full: ${program} cannot write (${said}).`);
    throw new StartFailure(`${program} failed on the database of ${setting}: ${said || String(error)}`);
  }
}
