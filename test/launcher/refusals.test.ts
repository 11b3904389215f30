import { existsSync, symlinkSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../scripts/launch/ports.ts';
import { sharedServer } from '../support/servers.ts';
import { launch, newDataDir } from './launcher.ts';

describe('one sentence and an exit code other than 0', () => {
  let somebodyElse: Server;
  beforeAll(async () => {
    somebodyElse = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => somebodyElse.once('listening', done));
  });
  afterAll(() => {
    somebodyElse.close();
  });

  async function refusal(env: Record<string, string>, DATA_DIR = newDataDir()) {
    const launcher = await launch({ DATA_DIR, ...env });
    const code = await launcher.exited;
    expect(launcher.output()).not.toMatch(/^\s+at /m);
    return { code, said: launcher.output().trim().split('\n').at(-1) };
  }

  test.each(['PORT', 'WORKER_PORT'])(
    'for a %s that is taken',
    async (setting) => {
      const { port } = somebodyElse.address() as AddressInfo;
      expect(await refusal({ [setting]: String(port) })).toEqual({
        code: 1,
        said: `Port ${port} is taken by another program: set ${setting} to a free one.`,
      });
    },
    20_000,
  );

  test('for a database that does not answer, naming its address and not its password', async () => {
    const port = await freePort();
    const { code, said } = await refusal({ DATABASE_URL: `postgres://me:hidden@127.0.0.1:${port}/mpanel` });
    expect(code).toBe(1);
    expect(said).toBe(`The database at 127.0.0.1:${port} does not answer (ECONNREFUSED); DATABASE_URL names it.`);
  }, 30_000);

  test.each([
    [
      'a wrong password',
      (url: URL) => {
        url.password = 'hidden';
      },
      /^The database at 127\.0\.0\.1:\d+ refuses us: password authentication failed .* \(DATABASE_URL\)\.$/,
    ],
    [
      'a database that is not there',
      (url: URL) => {
        url.pathname = '/nowhere';
      },
      /^The database at 127\.0\.0\.1:\d+ refuses us: database "nowhere" does not exist \(DATABASE_URL\)\.$/,
    ],
  ])(
    'for %s',
    async (_, spoil, sentence) => {
      const url = new URL((await sharedServer('postgres')).url ?? '');
      spoil(url);
      const { code, said } = await refusal({ DATABASE_URL: url.href });
      expect(code).toBe(1);
      expect(said).toMatch(sentence);
    },
    60_000,
  );

  test('for a DATABASE_URL that is none', async () => {
    const said = 'DATABASE_URL is not a URL like postgres://user:password@host:5432/name.';
    expect(await refusal({ DATABASE_URL: 'mpanel' })).toEqual({ code: 78, said });
  }, 20_000);

  test('for a Temporal server that does not answer', async () => {
    const port = await freePort();
    expect(await refusal({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` })).toEqual({
      code: 1,
      said: `The Temporal server at 127.0.0.1:${port} does not answer; TEMPORAL_ADDRESS names it.`,
    });
  }, 30_000);

  test.each([
    [{ MPANEL_MODE: 'live' }, /^MPANEL_MODE=live: not configured: PROXMOX_URL \(proxmox\), .* in PROVIDERS_OFF\.$/],
    [
      { PROXMOX_URL: 'https://pve.example' },
      /^MPANEL_MODE=sandbox: not configured: PROXMOX_TOKEN_ID \(proxmox\), .*\.$/,
    ],
    [{ SEED: 'all', LOG_LEVEL: 'loud' }, /^Wrong settings: .*LOG_LEVEL: must be one of .*\.$/],
  ])(
    'for settings that the parts would refuse, before anything starts: %j',
    async (env: Record<string, string>, all) => {
      const launcher = await launch({ DATA_DIR: newDataDir(), ...env });
      expect([await launcher.exited, launcher.output().trim()]).toEqual([78, expect.stringMatching(all)]);
    },
    20_000,
  );

  test('for a disk that is full', async () => {
    const dataDir = newDataDir();
    symlinkSync('/dev/full', join(dataDir, 'secrets.json.tmp'));
    const { code, said } = await refusal({}, dataDir);
    expect(code).toBe(1);
    expect(said).toMatch(/^The disk is full/);
  }, 20_000);

  test.each([
    ...(existsSync('/proc') ? [['/proc/mpanel', 'No folder can be made at /proc/mpanel.'] as const] : []),
    ['/dev/null', '/dev/null is no folder.'],
    ['/dev/null/data', '/dev/null is no folder.'],
  ])(
    'for a DATA_DIR of %s',
    async (dataDir, said) => {
      expect(await refusal({}, dataDir)).toEqual({ code: 1, said });
    },
    20_000,
  );

  test('for a TEMPORAL_CLI_PATH that is something else', async () => {
    const { code, said } = await refusal({ TEMPORAL_CLI_PATH: '/bin/false' });
    expect(code).toBe(78);
    expect(said).toMatch(/^TEMPORAL_CLI_PATH=\/bin\/false is no Temporal CLI/);
  }, 30_000);
});
