import { mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { withClient } from '../launch/database.ts';
import { StartFailure } from '../launch/failure.ts';
import { copyFile, exists, tree } from './files.ts';

// What a base backup leaves out (PostgreSQL 18, 25.3.4): contents are of the running server alone, or made anew.
const EMPTIED = /^(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/./;
const LEFT_OUT =
  /^(postmaster\.(pid|opts)|backup_label(\.old)?|tablespace_map(\.old)?|.*pg_internal\.init|.*pgsql_tmp.*)$/;
const CONTROL = 'global/pg_control';

/** Whether a database is one of the embedded server of a data folder. */
export async function isEmbedded(url: string, dataDir: string): Promise<boolean> {
  const own = join(dataDir, 'postgres');
  if (!exists(own)) return false;
  const where = await ask(url, "select current_setting('data_directory') as answer").catch(() => '');
  return exists(where) && realpathSync(where) === realpathSync(own);
}

/** @throws where the role may not see it, as with a database of somebody else's */
async function ask(url: string, sql: string): Promise<string> {
  return withClient(url, async (client) => (await client.query<{ answer: string }>(sql)).rows[0]?.answer ?? '');
}

export async function majorVersion(url: string): Promise<number> {
  return Math.floor(Number(await ask(url, "select current_setting('server_version_num') as answer")) / 10_000);
}

/**
 * Copies the folder of a running server with all its databases, as they are when this ends (low-level base backup).
 * The slot keeps the write-ahead log that the copy needs; both end with the connection.
 */
export function copyServer(url: string, dataDir: string, to: string): Promise<void> {
  const from = join(dataDir, 'postgres');
  return withClient(url, async (client) => {
    await client.query('select pg_create_physical_replication_slot($1, true, true)', [`mpanel_backup_${process.pid}`]);
    await client.query("select pg_backup_start('mpanel', fast => true)");
    const paths = tree(from, (path) => EMPTIED.test(path) || LEFT_OUT.test(path)).filter((path) => path !== CONTROL);
    for (const path of [...paths, CONTROL]) await copyIfThere(from, to, path);
    const { rows } = await client.query<{ labelfile: string; last: string }>(
      'select labelfile, pg_walfile_name(lsn) as last from pg_backup_stop(wait_for_archive => false)',
    );
    const { labelfile = '', last = '' } = rows[0] ?? {};
    writeFileSync(join(to, 'backup_label'), labelfile, { mode: 0o600 });
    await copyWal(join(from, 'pg_wal'), join(to, 'pg_wal'), segmentOf(labelfile), last);
  });
}

async function copyIfThere(from: string, to: string, path: string): Promise<void> {
  if (path.endsWith('/')) {
    mkdirSync(join(to, path), { recursive: true, mode: 0o700 });
    return;
  }
  try {
    await copyFile(join(from, path), join(to, path));
  } catch (error) {
    // A table dropped meanwhile: the log says so too.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || exists(join(from, path))) throw error;
  }
}

/** START WAL LOCATION: 0/2000028 (file 000000010000000000000002) */
function segmentOf(label: string): string {
  const [, file] = /START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)/.exec(label) ?? [];
  if (!file) throw new StartFailure('PostgreSQL does not say from where its log is needed.');
  return file;
}

async function copyWal(from: string, to: string, first: string, last: string): Promise<void> {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const needed = readdirSync(from).filter((name) => /^[0-9A-F]{24}$/.test(name) && name >= first && name <= last);
  if (!needed.includes(first)) throw new StartFailure(`PostgreSQL no longer has ${basename(dirname(from))}/${first}.`);
  for (const name of needed) await copyFile(join(from, name), join(to, name));
}
