import { afterAll, describe, expect, test } from '@jest/globals';
import { withClient } from '../../scripts/launch/database.ts';
import { until } from '../support/until.ts';
import { anyAlive, killAll, type Launched, launch, newDataDir, pids } from './launcher.ts';

const PARTS = ['api', 'postgres', 'sandbox', 'temporal', 'workers'];

/** One data folder through everything that can happen to it; each test starts from how the one before left it. */
describe('the platform of one data folder', () => {
  const dataDir = newDataDir();
  const launched: Launched[] = [];
  const start = async () => {
    const launcher = await launch({ DATA_DIR: dataDir });
    launched.push(launcher);
    return { launcher, run: await launcher.ready() };
  };
  const notes = (url: string, ...sql: string[]) =>
    withClient(url, async (client) => {
      for (const statement of sql) await client.query(statement);
      return (await client.query<{ text: string }>('SELECT text FROM note ORDER BY text')).rows.map(({ text }) => text);
    });
  afterAll(async () => {
    for (const launcher of launched) await launcher.stop();
  });
  let before: Awaited<ReturnType<typeof start>>['run'];

  test('comes up, says where everything is, and tells the parts of each other', async () => {
    const { launcher, run } = await start();
    expect(Object.keys(run.parts).sort()).toEqual(PARTS);
    expect(launcher.output()).toContain('a line for people');
    expect(launcher.output()).toContain(run.parts.temporal?.uiUrl);
    expect(launcher.output()).not.toContain(new URL(run.parts.postgres!.url).password);
    const told = (await (await fetch(`${run.parts.api!.url}/api/health`)).json()) as Record<string, string>;
    expect(told).toMatchObject({
      DATABASE_URL: run.parts.postgres?.url,
      TEMPORAL_ADDRESS: run.parts.temporal?.address,
    });
    expect(told.PROXMOX_URL).toMatch(/^http/);
    expect(
      await notes(run.parts.postgres!.url, 'CREATE TABLE note (text text)', "INSERT INTO note VALUES ('kept')"),
    ).toEqual(['kept']);
    before = run;
  }, 60_000);

  test('refuses a second launcher while it runs, and goes on', async () => {
    const second = await launch({ DATA_DIR: dataDir });
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/already running on .* set DATA_DIR and PORT/);
    expect((await fetch(before.parts.api!.url)).ok).toBe(true);
  }, 20_000);

  test('starts a part again that died, and run.json follows', async () => {
    process.kill(before.parts.api!.pid, 'SIGKILL');
    const pid = await until('a new api', () => {
      const now = launched[0]!.runFile().parts.api?.pid;
      return now !== before.parts.api?.pid ? now : undefined;
    });
    await until('it answers', async () => (await fetch(before.parts.api!.url)).ok);
    expect(anyAlive([pid])).toBe(true);
    await until('a line says so', () => /api was ended by SIGKILL; starting it again/.test(launched[0]!.output()));
  }, 20_000);

  test('stops all of it when asked', async () => {
    const running = pids(launched[0]!.runFile());
    expect(await launched[0]!.stop()).toBe(0);
    expect(anyAlive(running)).toBe(false);
    expect(() => launched[0]!.runFile()).toThrow('ENOENT');
  }, 30_000);

  test('comes up again where it was, with what it held, within ten seconds', async () => {
    const since = Date.now();
    const { run } = await start();
    expect(Date.now() - since).toBeLessThan(10_000);
    expect(run.parts.postgres?.url).toBe(before.parts.postgres?.url);
    expect(run.parts.temporal?.address).toBe(before.parts.temporal?.address);
    expect(run.parts.sandbox?.controlUrl).toBe(before.parts.sandbox?.controlUrl);
    expect(await notes(run.parts.postgres!.url)).toEqual(['kept']);
  }, 40_000);

  test('stops by itself when npm and the launcher are killed', async () => {
    const run = launched.at(-1)!.runFile();
    launched.at(-1)!.child.kill('SIGKILL');
    await until('nothing runs any more', () => !anyAlive([run.pid, ...pids(run)]), 30_000);
  }, 40_000);

  test('clears away what a killed supervisor left, and nothing is lost', async () => {
    const { run } = await start();
    process.kill(run.pid, 'SIGKILL');
    await launched.at(-1)!.exited;
    expect(pids(run).every((pid) => anyAlive([pid]))).toBe(true);
    expect(await notes(run.parts.postgres!.url, "INSERT INTO note VALUES ('unowned')")).toContain('unowned');
    const next = await start();
    expect(anyAlive(pids(run))).toBe(false);
    expect(await notes(next.run.parts.postgres!.url)).toEqual(['kept', 'unowned']);
  }, 60_000);

  test('comes back after everything was killed at once', async () => {
    const run = launched.at(-1)!.runFile();
    await notes(run.parts.postgres!.url, "INSERT INTO note VALUES ('last')");
    killAll([run.pid, ...pids(run)]);
    const next = await start();
    expect(await notes(next.run.parts.postgres!.url)).toEqual(['kept', 'last', 'unowned']);
    expect(await launched.at(-1)!.stop()).toBe(0);
  }, 60_000);
});
