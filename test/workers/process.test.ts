import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { PROVIDERS } from '../../runtime/config.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import { databaseOfBefore, freshDatabase } from '../support/postgres.ts';

const MAIN = join(import.meta.dirname, '../../workers/main.ts');

let kill = () => {};
afterEach(() => kill());

test.each([
  ['is older', databaseOfBefore, '1'],
  ['is not there', () => freshDatabase({ empty: true }), '\\d+'],
])('workers refuse a schema that %s with one sentence', async (_, make, lacks) => {
  const database = await make();
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: database.url,
    WORKER_PORT: `${await freePort()}`,
    JWT_SECRET: 'x'.repeat(32),
    SEAL_KEY: Buffer.alloc(32).toString('base64'),
    PROVIDERS_OFF: PROVIDERS.join(','),
    LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], { env });
  kill = () => void child.kill('SIGKILL');
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(String(chunk)));
  const [code] = await once(child, 'close');
  expect([said.join(''), code]).toEqual([
    expect.stringMatching(
      new RegExp(`^the database lacks ${lacks} migration\\(s\\) of this version: run npm run migrate\n$`),
    ),
    78,
  ]);
  await database.drop();
});
