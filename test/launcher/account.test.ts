import { execFile } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { account } from '../../scripts/launch/account.ts';
import { postgresHome } from '../../scripts/launch/postgres-binary.ts';

const run = promisify(execFile);

test('PostgreSQL runs as an ordinary account, also in a clone that lies where only root may go', async () => {
  const closed = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'closed-'));
  chmodSync(closed, 0o700);
  const home = join(closed, 'native');
  cpSync(postgresHome(), home, { recursive: true, verbatimSymlinks: true });
  const data = join(closed, 'data');
  mkdirSync(data, { mode: 0o700 });

  const who = account(data, [data, home]);
  if (who.owner) chownSync(data, who.owner.uid, who.owner.gid);
  const uid = who.run('id', ['-u']);
  const { command, args, ...ids } = who.run(join(home, 'bin/initdb'), [
    `--pgdata=${data}`,
    '--username=mpanel',
    '--no-sync',
  ]);

  expect(Number((await run(uid.command, uid.args, { cwd: '/', ...ids })).stdout)).toBeGreaterThan(0);
  await run(command, args, { cwd: '/', ...ids });
  expect(existsSync(join(data, 'PG_VERSION'))).toBe(true);
}, 30_000);
