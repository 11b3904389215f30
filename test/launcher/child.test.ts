import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Child } from '../../scripts/launch/child.ts';

describe('a part that cannot be started', () => {
  const dir = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'child-'));

  /** A part that says this and ends, each time. */
  function dying(name: string, words: string, code = 1): Promise<void> {
    const log = join(dir, `${name}.log`);
    const part = { name, log, env: { WORDS: words, CODE: String(code) }, probe: async () => false };
    const command = { command: '/bin/sh', args: ['-c', 'echo "$WORDS" >&2; exit $CODE'] };
    const stop = { signal: 'SIGTERM' as const, withinMs: 1000 };
    return new Child(
      { ...part, ...command, stop },
      () => {},
      () => {},
    ).start();
  }

  test.each([
    [
      'node',
      'Error: ENOSPC: no space left on device, write\n    at Object.writeSync (node:fs:923:3)\n\nNode.js v24.21.0',
    ],
    ['postgres', 'FATAL:  could not write to file "pg_wal/xlogtemp.7": No space left on device'],
    ['temporal', 'sql schema version compatibility check failed: database or disk is full (13)'],
  ])('says that the disk is full in one sentence: %s', async (name, words) => {
    await expect(dying(name, words, 78)).rejects.toMatchObject({
      message: `The disk is full: ${name} cannot write (${join(dir, `${name}.log`)}).`,
      exitCode: 1,
    });
  });

  test('says its last words otherwise, after it has been tried a few times', async () => {
    await expect(dying('workers', 'one thing\nthe reason')).rejects.toMatchObject({
      message: `workers exited with 1: the reason (${join(dir, 'workers.log')})`,
      exitCode: 1,
    });
  });
});
