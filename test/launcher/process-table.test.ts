import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isAlive, ProcessTable } from '../../scripts/launch/process-table.ts';
import { newDataDir } from './launcher.ts';

test('a second start is refused while the first still ends what was left behind', async () => {
  const dir = newDataDir();
  const file = join(dir, 'processes.json');
  const slow = spawn('/bin/sh', ['-c', 'trap "sleep 0.5; exit" TERM; echo up; while :; do sleep 0.1; done']);
  await once(slow.stdout, 'data');
  const left = await ProcessTable.takeOver(dir);
  left.set('workers', slow.pid);
  const { children } = JSON.parse(readFileSync(file, 'utf8'));
  // As a launcher leaves it that was killed: its number and start are nobody's.
  writeFileSync(file, JSON.stringify({ launcher: { name: 'launcher', pid: 1, identity: 'gone' }, children }));

  const first = ProcessTable.takeOver(dir);
  await expect(ProcessTable.takeOver(dir)).rejects.toThrow('already running');
  expect(isAlive(Number(slow.pid))).toBe(true);
  const table = await first;
  expect(isAlive(Number(slow.pid))).toBe(false);
  expect(JSON.parse(readFileSync(file, 'utf8')).children).toEqual([]);
  table.release();
});
