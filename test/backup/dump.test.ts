import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { loadConfig } from '../../runtime/config.ts';
import { dumpDatabase, restoreDatabase } from '../../scripts/backup/dump.ts';
import { writeBackup } from '../../scripts/backup/write.ts';
import { withClient } from '../../scripts/launch/database.ts';
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts';

let migrated: FreshDatabase;
let empty: FreshDatabase;
const { PATH } = process.env;
beforeAll(async () => {
  [migrated, empty] = await Promise.all([freshDatabase(), freshDatabase({ empty: true })]);
});
afterEach(() => {
  process.env.PATH = PATH;
});
afterAll(() => Promise.all([migrated.drop(), empty.drop()]));

/** A folder with a program of this name in it, first on PATH. */
function program(name: string, body: string): string {
  const dir = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'programs-'));
  writeFileSync(join(dir, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(dir, name), 0o755);
  process.env.PATH = `${dir}:${PATH}`;
  return dir;
}

test('pg_dump is told where by environment, so that no command line has the password', async () => {
  const dir = program(
    'pg_dump',
    'echo "$PGHOST $PGUSER $PGDATABASE $PGPASSWORD" > "$(dirname "$0")/env"; echo "$@" > "$(dirname "$0")/args"',
  );
  await dumpDatabase('DATABASE_URL', 'postgres://mp:p%40ss@db.example:5433/shop', '/dev/null');
  expect(readFileSync(join(dir, 'env'), 'utf8')).toBe('db.example mp shop p@ss\n');
  expect(readFileSync(join(dir, 'args'), 'utf8')).not.toContain('p@ss');
});

test('a program that is missing, or that refuses, is one sentence', async () => {
  process.env.PATH = '/nonexistent';
  await expect(dumpDatabase('DATABASE_URL', migrated.url, '/dev/null')).rejects.toThrow(
    "DATABASE_URL is not the embedded server's: pg_dump of its version is needed on PATH.",
  );
  program('pg_dump', 'echo "pg_dump: error: aborting because of server version mismatch" >&2; exit 1');
  await expect(dumpDatabase('DATABASE_URL', migrated.url, '/dev/null')).rejects.toThrow(
    'pg_dump failed on the database of DATABASE_URL: pg_dump: error: aborting because of server version mismatch',
  );
});

test('a disk that is full while a dump is written is one sentence, and leaves nothing that looks like a backup', async () => {
  program('pg_dump', 'echo "pg_dump: error: could not write to file: No space left on device" >&2; exit 1');
  const dir = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'full-'));
  const secrets = { JWT_SECRET: 'x'.repeat(32), SEAL_KEY: Buffer.alloc(32).toString('base64') };
  const written = writeBackup(loadConfig({ DATABASE_URL: migrated.url, ...secrets }), dir, join(dir, 'backup'));
  await expect(written).rejects.toThrow(/^The disk is full: pg_dump cannot write/);
  expect(readdirSync(dir)).toEqual([]);
});

test('a dump goes into an empty database only, and what puts it right comes after it', async () => {
  program('pg_restore', 'true');
  await expect(restoreDatabase('DATABASE_URL', migrated.url, '/dev/null', [])).rejects.toThrow(
    /DATABASE_URL has \d+ tables/,
  );
  await restoreDatabase('DATABASE_URL', empty.url, '/dev/null', ['create table after_it (id int)']);
  const { rows } = await withClient(empty.url, (client) => client.query('select * from after_it'));
  expect(rows).toEqual([]);
});
