import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { isAlive } from '../../scripts/launch/process-table.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const LAUNCH = join(import.meta.dirname, '../../scripts/launch.mjs');

/** A clone in small: one dependency, in a folder beside it, so that npm needs no registry. */
describe('scripts/launch.mjs on a fresh clone', () => {
  const clone = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'clone-'));
  const installedAt = join(clone, 'node_modules/.package-lock.json');
  const write = (file: string, content: unknown) =>
    writeFileSync(join(clone, file), typeof content === 'string' ? content : JSON.stringify(content));
  const launch = (...args: string[]) => run(process.execPath, ['scripts/launch.mjs', ...args], { cwd: clone });

  beforeAll(() => {
    for (const folder of ['scripts', 'dep']) mkdirSync(join(clone, folder), { recursive: true });
    cpSync(LAUNCH, join(clone, 'scripts/launch.mjs'));
    write('dep/package.json', { name: 'dep', version: '1.0.0', exports: './index.js', type: 'module' });
    write('dep/index.js', "export const word = 'installed';");
    const root = { name: 'clone', version: '1.0.0', dependencies: { dep: 'file:dep' } };
    write('package.json', { ...root, type: 'module', scripts: { wait: 'node scripts/launch.mjs wait.ts' } });
    const packages = { '': root, dep: { version: '1.0.0' }, 'node_modules/dep': { resolved: 'dep', link: true } };
    write('package-lock.json', { name: 'clone', version: '1.0.0', lockfileVersion: 3, requires: true, packages });
    write(
      'say.ts',
      "import { word } from 'dep'; const args: string[] = process.argv.slice(2); console.log(word, ...args); process.exitCode = args.length;",
    );
    write(
      'wait.ts',
      "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log('waiting', process.pid);",
    );
  });

  test('installs, then runs the script with its arguments and its exit code', async () => {
    await expect(launch('say.ts')).resolves.toMatchObject({ stdout: expect.stringMatching(/installed\n$/) });
    await expect(launch('say.ts', 'a', '--b')).rejects.toMatchObject({ code: 2, stdout: 'installed a --b\n' });
  }, 60_000);

  test('installs again only when package-lock.json says something else', async () => {
    rmSync(join(clone, 'node_modules/dep'));
    await expect(launch('say.ts')).rejects.toMatchObject({ code: 1 });
    rmSync(installedAt);
    await launch('say.ts');
    expect(existsSync(installedAt)).toBe(true);
  }, 60_000);

  test('takes over the lock of an installer that was killed', async () => {
    rmSync(installedAt);
    writeFileSync(join(clone, '.cache/install.lock'), '999999999');
    await launch('say.ts');
    expect(existsSync(join(clone, '.cache/install.lock'))).toBe(false);
  }, 60_000);

  test('hands signals on and answers with the exit code that follows', async () => {
    const child = spawn(process.execPath, ['scripts/launch.mjs', 'wait.ts'], {
      cwd: clone,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((done) => child.once('exit', done));
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await until('it waits', () => output.includes('waiting'));
    child.kill('SIGTERM');
    expect(await exited).toBe(7);
  }, 60_000);

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'stops when npm, which hands nothing on, ends by %s',
    async (signal) => {
      const npm = spawn('npm', ['run', '--silent', 'wait'], { cwd: clone, stdio: ['ignore', 'pipe', 'ignore'] });
      const pid = await new Promise<number>((done) =>
        npm.stdout.on('data', (chunk: Buffer) => done(Number(/\d+/.exec(chunk.toString())))),
      );
      expect(isAlive(pid)).toBe(true);
      npm.kill(signal);
      try {
        await until('the script is gone', () => !isAlive(pid));
      } finally {
        if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      }
    },
    60_000,
  );
});
