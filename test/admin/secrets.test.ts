import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Secret } from '../../db/entities/index.ts';
import { checkSealKeys, keepSecret, openSecret, resealBatch } from '../../db/queries/secrets.ts';
import { keyRing, loadConfig } from '../../runtime/config.ts';
import { createSeal } from '../../runtime/seal.ts';
import { execute } from '../../scripts/admin/execute.ts';
import { secrets } from '../../scripts/launch/secrets.ts';
import { type OpenDesk, openDesk } from './support.ts';

const key = () => randomBytes(32).toString('base64');
const [before, now] = [key(), key()];
const COUNT = 450;

let desk: OpenDesk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const config = (env: Record<string, string>) =>
  loadConfig({ DATABASE_URL: desk.url, JWT_SECRET: 'x'.repeat(32), ...env });
const sealOf = (SEAL_KEY: string, SEAL_KEYS_OTHER = '') => createSeal(keyRing(config({ SEAL_KEY, SEAL_KEYS_OTHER })));
const run = (words: string, env: Record<string, string>) =>
  execute(
    {
      em: desk.em(),
      config: config({ DATA_DIR: mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'keys-')), ...env }),
    },
    words.split(' '),
  );

describe('secrets rotate', () => {
  const rotating = { SEAL_KEY: now, SEAL_KEYS_OTHER: before };
  let ids: string[];
  beforeEach(async () => {
    const em = desk.em();
    await em.nativeDelete(Secret, {});
    ids = Array.from({ length: COUNT }, (_, at) => keepSecret(em, sealOf(before), null, 'test', `secret ${at}`));
    await em.flush();
  });
  const countOf = (keyId: string) => desk.em().count(Secret, { keyId });
  async function allOpen(seal = sealOf(now)) {
    for (const [at, id] of ids.entries()) expect(await openSecret(desk.em(), seal, id)).toBe(`secret ${at}`);
  }

  test('seals every secret with the current key, which then needs no other', async () => {
    const { code, text } = await run('secrets rotate', rotating);
    expect({ code, text }).toEqual({ code: 0, text: expect.stringContaining(`Sealed ${COUNT} secrets anew`) });
    expect(await countOf(sealOf(before).keyId)).toBe(0);
    await allOpen();
  });

  test('goes on where it was cut off, and everything opens all the time', async () => {
    const both = sealOf(now, before);
    expect(await resealBatch(desk.em(), both, 100)).toBe(100);
    // The second batch is cut off in the middle of its transaction.
    const em = desk.em();
    const cut = em.transactional(async (tx) => {
      await resealBatch(tx, both, 100);
      throw new Error('killed');
    });
    await expect(cut).rejects.toThrow('killed');
    expect(await countOf(both.keyId)).toBe(100);
    await allOpen(both);
    expect((await run('secrets rotate', rotating)).text).toContain(`Sealed ${COUNT - 100} secrets anew`);
    await allOpen();
  });

  test('two at once and a platform that goes on writing lose nothing', async () => {
    const writer = desk.em();
    const [one, other] = await Promise.all([
      run('secrets rotate', rotating),
      run('secrets rotate', rotating),
      (async () => {
        ids.push(keepSecret(writer, sealOf(now, before), null, 'test', `secret ${COUNT}`));
        await writer.flush();
      })(),
    ]);
    expect([one.code, other.code]).toEqual([0, 0]);
    await run('secrets rotate', rotating);
    await allOpen();
  });

  test('names a key that is missing, and does not touch what it sealed', async () => {
    const { keyId } = sealOf(before);
    expect(await run('secrets rotate', { SEAL_KEY: now })).toEqual({
      code: 1,
      text: `${COUNT} secrets are sealed with the key ${keyId}, which is neither SEAL_KEY nor in SEAL_KEYS_OTHER.`,
    });
    expect(await countOf(keyId)).toBe(COUNT);
    await expect(checkSealKeys(desk.em(), sealOf(now))).rejects.toThrow(
      `secrets in the database are sealed with the key ${keyId}, which is neither`,
    );
    await checkSealKeys(desk.em(), sealOf(now, before));
  });
});

describe('secrets new-key', () => {
  test('prints settings for keys that are not the launcher’s', async () => {
    const { code, text } = await run('secrets new-key', { SEAL_KEY: now, SEAL_KEYS_OTHER: before });
    const [, fresh = ''] = /^SEAL_KEY=(.+)$/m.exec(text) ?? [];
    expect({ code, text }).toEqual({ code: 0, text: expect.stringContaining(`SEAL_KEYS_OTHER=${now},${before}`) });
    expect(Buffer.from(fresh, 'base64')).toHaveLength(32);
  });

  test('renews the launcher’s own, and rotating waits for a start with it', async () => {
    const DATA_DIR = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'keys-'));
    const { SEAL_KEY } = secrets(DATA_DIR);
    writeFileSync(join(DATA_DIR, 'run.json'), JSON.stringify({ startedAt: new Date(0).toISOString() }));
    expect((await run('secrets new-key', { DATA_DIR, SEAL_KEY })).code).toBe(0);
    const after = secrets(DATA_DIR);
    expect(after.SEAL_KEYS_OTHER).toBe(SEAL_KEY);
    expect(readFileSync(join(DATA_DIR, 'secrets.json'), 'utf8')).toContain(after.SEAL_KEY);
    const keys = { DATA_DIR, SEAL_KEY: after.SEAL_KEY, SEAL_KEYS_OTHER: after.SEAL_KEYS_OTHER };
    expect(await run('secrets rotate', keys)).toEqual({
      code: 1,
      text: expect.stringContaining('start it again first'),
    });
    writeFileSync(join(DATA_DIR, 'run.json'), JSON.stringify({ startedAt: new Date().toISOString() }));
    expect((await run('secrets rotate', { ...keys, SEAL_KEYS_OTHER: `${SEAL_KEY},${before},${now}` })).code).toBe(0);
  });
});
