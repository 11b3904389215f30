import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { rememberPorts } from '../../sandbox/lib/ports.ts';
import { freePort, Ports } from '../../scripts/launch/ports.ts';

const folder = () => mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'ports-'));

test('a part keeps its port over restarts, but never one that the user gave another, though nothing listens there yet', async () => {
  const [dir, port] = [folder(), await freePort()];
  writeFileSync(join(dir, 'ports.json'), JSON.stringify({ postgres: port }));
  expect(await new Ports(dir, []).claim('postgres')).toBe(port);
  const moved = await new Ports(dir, [port]).claim('postgres', port);
  expect(moved).not.toBe(port);
  expect(await new Ports(dir, [port]).claim('postgres')).toBe(moved);
});

test('nor does a stand-in take the port of the API that it tells of payments', async () => {
  const [file, port] = [join(folder(), 'ports.json'), await freePort()];
  writeFileSync(file, JSON.stringify({ control: port }));
  expect(await rememberPorts(file, '127.0.0.1').take('control')).toBe(port);
  expect(await rememberPorts(file, '127.0.0.1', port).take('control')).not.toBe(port);
});
