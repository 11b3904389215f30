import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { findTemporal } from '../../scripts/launch/temporal-binary.ts';
import { downloadTemporal } from '../../scripts/launch/temporal-download.ts';
import { TEMPORAL } from '../../scripts/launch/temporal-release.ts';

const run = async (command: string, ...args: string[]) => (await promisify(execFile)(command, args)).stdout;

/** A shell script in place of a program. */
function program(file: string, body: string): string {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

const cli = (server: string) => `echo "temporal version 0.0.0-DEV (Server ${server}, UI 2.50.1)"`;

describe('the Temporal server is looked for', () => {
  let dir: string;
  let said: string[];
  const find = (env: Record<string, string>) =>
    findTemporal({ env: { PATH: '/usr/bin:/bin', ...env }, cache: join(dir, 'cache'), say: (line) => said.push(line) });
  const cached = () => join(dir, 'cache', `temporal-${TEMPORAL.server}`);
  beforeEach(() => {
    dir = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'engine-'));
    said = [];
  });

  test('in TEMPORAL_CLI_PATH, on PATH where it is recent enough, and in the cache, in this order', async () => {
    const named = program(join(dir, 'named'), cli('1.31.0'));
    const old = program(join(dir, 'old/temporal'), cli('1.30.9'));
    const recent = program(join(dir, 'recent/temporal'), cli('2.0.0'));
    const made = program(cached(), cli(TEMPORAL.server));
    const path = (...programs: string[]) => programs.map((file) => join(file, '..')).join(':');
    expect(await find({ TEMPORAL_CLI_PATH: named, PATH: path(recent) })).toBe(named);
    expect(await find({ PATH: path(old, recent) })).toBe(recent);
    expect(await find({ PATH: path(old), CI: 'true' })).toBe(made);
    await expect(find({ TEMPORAL_CLI_PATH: old })).rejects.toMatchObject({ exitCode: 78 });
  });

  test('and built where there is Go, with its own toolchain where that is new enough', async () => {
    const go = (version: string) =>
      program(
        join(dir, version, 'go'),
        `case "$1" in
          version) echo "go version go${version} linux/amd64";;
          list) echo a; echo b;;
          build) echo "$GOTOOLCHAIN" > ${dir}/toolchain; while [ "$1" != -o ]; do shift; done; echo built > "$2";;
        esac`,
      );
    const path = (version: string) => `${join(go(version), '..')}:/usr/bin:/bin`;
    expect(await find({ PATH: path('1.26.4'), CI: 'true' })).toBe(cached());
    expect(readFileSync(cached(), 'utf8')).toBe('built\n');
    expect(readFileSync(join(dir, 'toolchain'), 'utf8')).toBe('local\n');
    await run('rm', cached());
    await find({ PATH: path('1.25.9'), CI: 'true' });
    expect(readFileSync(join(dir, 'toolchain'), 'utf8')).toBe('auto\n');
  });

  test('and where there is nothing the three ways out are named', async () => {
    await expect(find({ CI: 'true' })).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringMatching(/TEMPORAL_ADDRESS.*TEMPORAL_CLI_PATH.*Go 1\.26\.4/s),
    });
  });

  test('a build that fails says what Go said', async () => {
    const go = program(
      join(dir, 'go/go'),
      'if [ "$1" = version ]; then echo go1.26.8; else echo "no such module" >&2; exit 1; fi',
    );
    await expect(find({ PATH: `${join(go, '..')}:/usr/bin:/bin`, CI: 'true' })).rejects.toThrow(
      'go list says: no such module',
    );
  });
});

describe('the download', () => {
  let server: Server;
  let source: string;
  let broken = false;
  beforeAll(async () => {
    const dir = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'archive-'));
    program(join(dir, 'temporal'), cli(TEMPORAL.server));
    await run('tar', '-czf', join(dir, 'archive.tar.gz'), '-C', dir, 'temporal');
    server = createServer((request, response) => {
      if (broken) return response.writeHead(503).end();
      if (request.url === '/archive') return response.end(readFileSync(join(dir, 'archive.tar.gz')));
      const wanted = new RegExp(`^/cli/${TEMPORAL.cli}\\?platform=\\w+&arch=(amd64|arm64)&format=tar.gz$`);
      if (!wanted.test(request.url ?? '')) return response.writeHead(404).end();
      return response.end(JSON.stringify({ archiveUrl: `${source}/archive`, fileToExtract: 'temporal' }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    source = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  test('puts the CLI where it is asked to', async () => {
    const target = join(mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'download-')), 'temporal');
    expect(await downloadTemporal(target, () => {}, `${source}/cli`)).toBe(true);
    expect((await run(target)).trim()).toContain(`Server ${TEMPORAL.server}`);
  });

  test('says why it cannot, and that is all', async () => {
    broken = true;
    const said: string[] = [];
    const target = join(mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'download-')), 'temporal');
    expect(await downloadTemporal(target, (line) => said.push(line), `${source}/cli`)).toBe(false);
    expect(said).toEqual([expect.stringMatching(/cannot be downloaded \(127\.0\.0\.1:\d+ answered 503\)/)]);
  });
});

test('the version named is the one that tools/go.mod pins', () => {
  const pinned = readFileSync(new URL('../../tools/go.mod', import.meta.url), 'utf8');
  expect(pinned).toContain(`github.com/temporalio/cli ${TEMPORAL.cli}`);
  expect(pinned).toContain(`go.temporal.io/server v${TEMPORAL.server}`);
});
