import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestPlatform } from '../support/platform.ts';
import { anyAlive } from './launcher.ts';

/** The real API, workers and sandbox on the shared servers, as end-to-end tests use them. */
describe('the platform of a test', () => {
  let platform: Awaited<ReturnType<typeof startTestPlatform>>;
  const healthy = async () => (await fetch(`${platform.url}/api/health`)).ok;
  beforeAll(async () => {
    platform = await startTestPlatform();
  }, 120_000);
  afterAll(() => platform.stop(), 60_000);

  test('answers, with every stand-in played', async () => {
    expect(await healthy()).toBe(true);
    expect(await (await fetch(platform.controlUrl)).json()).toHaveProperty('proxmox');
    expect(platform.env.STAND_INS?.split(',').sort()).toEqual([
      'acme',
      'mail',
      'powerdns',
      'proxmox',
      'registrar',
      'smtp',
      'stripe',
      'vies',
    ]);
  });

  test('leaves a part down that it killed, until it is started', async () => {
    const { pid } = platform.parts().api!;
    await platform.kill('api');
    await expect(healthy()).rejects.toThrow('fetch failed');
    expect(platform.parts().api).not.toHaveProperty('pid');
    await platform.start('api');
    expect(await healthy()).toBe(true);
    expect(anyAlive([pid!])).toBe(false);
  }, 60_000);

  test('knows its workers as well', async () => {
    await platform.restart('workers');
    expect((await fetch(`${platform.parts().workers!.url}/health`)).ok).toBe(true);
    expect(existsSync(`${platform.dataDir}/run.json`)).toBe(true);
  }, 60_000);
});
