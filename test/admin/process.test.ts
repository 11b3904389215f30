import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts';

const ADMIN = join(import.meta.dirname, '../../scripts/admin.ts');
let behind: FreshDatabase;
let ready: FreshDatabase;
beforeAll(async () => {
  [behind, ready] = await Promise.all([freshDatabase({ empty: true }), freshDatabase()]);
});
afterAll(() => Promise.all([behind.drop(), ready.drop()]));

async function admin(url: string, ...words: string[]) {
  const { PATH } = process.env;
  const env = { PATH, DATABASE_URL: url, JWT_SECRET: 'x'.repeat(32), SEAL_KEY: Buffer.alloc(32).toString('base64') };
  const run = promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', ADMIN, ...words], {
    env,
  });
  return run.then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

test('prints to standard output, as JSON for programs', async () => {
  const { code, stdout } = await admin(ready.url, 'nodes', 'list', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([]);
});

test('ends with 64 and the usage on standard error for wrong words, without a database', async () => {
  const { code, stdout, stderr } = await admin('postgres://127.0.0.1:1/none', 'nodes', 'dance');
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  expect(stderr).toContain('nodes add NAME');
});

test('ends with one sentence on a database that is behind', async () => {
  const { code, stderr } = await admin(behind.url, 'show');
  expect(code).toBe(1);
  expect(stderr).toBe('The database is behind this version: run npm run migrate first.\n');
});
