import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ROOT } from '../../scripts/launch/context.ts';
import { withClient } from '../../scripts/launch/database.ts';
import { onSharedServers, PLAYED, QUICK } from '../support/platform.ts';
import { until } from '../support/until.ts';
import { anyAlive, type Launched, launch, newDataDir, pids } from './launcher.ts';

/** Not of a clone, or not needed to start. */
const LEFT_OUT = ['.git', '.cache', '.data', 'node_modules', 'test'];

/** A clone with its packages, and nothing that an earlier start has made. */
function freshClone(): string {
  const clone = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'clone-'));
  for (const name of readdirSync(ROOT).filter((each) => !LEFT_OUT.includes(each)))
    cpSync(join(ROOT, name), join(clone, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  return clone;
}

let servers: Awaited<ReturnType<typeof onSharedServers>>;
beforeAll(async () => {
  servers = await onSharedServers();
});
afterAll(() => servers.drop());

test('npm start that is stopped while it bundles the workflows ends, leaves nothing running, and starts the next time', async () => {
  const clone = freshClone();
  const DATA_DIR = newDataDir();
  const bundles = () =>
    existsSync(join(clone, '.cache/workflows')) ? readdirSync(join(clone, '.cache/workflows')) : [];
  const start = () =>
    launch({ DATA_DIR, SANDBOX_SPEED: '0', ...QUICK, ...PLAYED, ...servers.env }, 'scripts/start.ts', clone);
  const launched: Launched[] = [await start()];
  try {
    // The last that the workers see to before there is nothing left but to wait for the bundle.
    await until('the mail host has its tables', () => mailTables(servers.env.MAIL_DATABASE_URL), 60_000);
    const file = JSON.parse(readFileSync(join(DATA_DIR, 'processes.json'), 'utf8')) as {
      children: { name: string; pid: number }[];
    };
    const children = file.children.map(({ pid }) => pid);
    expect(file.children.map(({ name }) => name)).toContain('workers');
    expect(await launched[0]?.stop()).toBe(1);
    expect(launched[0]?.output()).toContain('Stopped while starting.');
    // Said by workers that end by themselves: those that do not are killed.
    expect(readFileSync(join(DATA_DIR, 'logs/workers.log'), 'utf8')).toMatch(/SIGTERM: stopping\n$/);
    expect([anyAlive(children), bundles()]).toEqual([false, []]);

    launched.push(await start());
    const run = await launched[1]!.ready();
    expect(bundles()).toEqual([expect.stringMatching(/^\w+\.js$/)]);
    expect(await launched[1]?.stop()).toBe(0);
    expect(anyAlive(pids(run))).toBe(false);
  } finally {
    for (const { child, stop } of launched) if (child.exitCode === null) await stop();
  }
}, 120_000);

const mailTables = (url: string) =>
  withClient(url, async (client) => (await client.query(`select to_regclass('virtual_mailboxes') as it`)).rows[0]?.it);
