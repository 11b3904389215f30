import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { ROOT } from '../../scripts/launch/context.ts';
import { openStage } from './stage/index.ts';

/** The commands of docs/ordering.md but its first block, which says who and where. */
function commands(): string {
  const text = readFileSync(join(ROOT, 'docs/ordering.md'), 'utf8');
  const [settings = '', ...blocks] = [...text.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(([, block]) => block);
  expect(settings).toMatch(/^export API=\S+ EMAIL=\S+ PASSWORD=\S+$/m);
  return blocks.join('\n');
}

test('what docs/ordering.md says to type orders, pays, follows and delivers', async () => {
  const stage = await openStage();
  try {
    const { email, password } = stage.login;
    const env = { PATH: process.env.PATH, API: stage.platform.url, EMAIL: email, PASSWORD: password };
    const shell = ['-euo', 'pipefail', '-c', commands()];
    const { stdout } = await promisify(execFile)('bash', shell, { env, timeout: 90_000 });
    expect(stdout).toMatch(/"status": "pending",\s+"total": 22.48/);
    expect(stdout).toMatch(/^cloudpod_provision: issue certificate done$/m);
    expect(stdout).toMatch(/^order_fulfil: job completed$/m);
    expect(stdout).toMatch(/\{\s+"status": "active"/);
    expect(stdout.match(/"status": "delivered"/g)).toHaveLength(3);
    expect(stdout).toMatch(/^root \S{12,}$/m);
  } finally {
    await stage.close();
  }
}, 180_000);
