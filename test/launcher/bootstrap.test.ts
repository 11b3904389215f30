import { execFile, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

  test('on a machine with Node 20 fetches its own once, and runs on it whatever says `node`', async () => {
    const machine = oldMachine(clone);
    write(
      'which.ts',
      `import { execFileSync } from 'node:child_process';
       const said: string = execFileSync('node', ['-p', 'process.version'], { encoding: 'utf8' });
       console.log('on', process.version, 'and', said.trim());`,
    );
    const start = () => run('node', ['scripts/launch.mjs', 'which.ts'], { cwd: clone, env: machine.env });
    expect((await run('node', ['-p', 'process.version'], { env: machine.env })).stdout).toBe('v20.19.0\n');
    for (const _ of ['first', 'again'])
      expect((await start()).stdout.trim().split('\n').at(-1)).toBe(`on ${process.version} and ${process.version}`);
    const [fetched, ...more] = machine.asked().filter((line) => !line.startsWith('ci '));
    expect(fetched).toMatch(/^install --prefix \S+ .*--ignore-scripts.* node-\w+-\w+@24\.\d+\.\d+$/);
    expect(more).toEqual([]);
  }, 60_000);

  test('says in a sentence what is needed where npm cannot fetch it', async () => {
    const machine = oldMachine(clone, 'echo "npm error code ENOTFOUND" >&2; exit 1');
    rmSync(join(clone, '.cache'), { recursive: true, force: true });
    const refused = run('node', ['scripts/launch.mjs', 'say.ts'], { cwd: clone, env: machine.env });
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^Node 24 is needed, this is v20\.19\.0: install it, or let npm fetch it\.\n(?!.*\n\s+at )/s,
      ),
    });
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

/**
 * A PATH on which `node` believes to be version 20, and `npm` brings the Node of this process where it is asked to
 * install one, or does what `instead` says; for everything else it is npm itself.
 */
function oldMachine(clone: string, instead = '') {
  const bin = mkdtempSync(join(clone, 'bin-'));
  const program = (name: string, ...lines: string[]) =>
    writeFileSync(join(bin, name), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  const older = `Object.defineProperty(process,'version',{value:'v20.19.0'});Object.defineProperty(process.versions,'node',{value:'20.19.0'})`;
  program('node', `exec '${process.execPath}' --import "data:text/javascript,${older}" "$@"`);
  program(
    'npm',
    `echo "$@" >> '${bin}/asked'`,
    `if [ "$1" != install ]; then exec '${realNpm()}' "$@"; fi`,
    instead,
    'home="$3/node_modules"; for wanted; do name=$(echo "$wanted" | cut -d@ -f1); done',
    `mkdir -p "$home/$name/bin" && ln -sf '${process.execPath}' "$home/$name/bin/node" && echo '{}' > "$home/.package-lock.json"`,
  );
  const { HOME } = process.env;
  return {
    env: { HOME, PATH: `${bin}:/usr/bin:/bin` },
    asked: () => readFileSync(join(bin, 'asked'), 'utf8').trim().split('\n'),
  };
}

const realNpm = () => execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
