import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { freePort, Ports } from '../../scripts/launch/ports.ts';

const folder = () => mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'ports-'));

test('a part keeps its port over restarts, but never the one that the user gave the API, though nothing listens there yet', async () => {
  const [dir, port] = [folder(), await freePort()];
  writeFileSync(join(dir, 'ports.json'), JSON.stringify({ postgres: port }));
  expect(await new Ports(dir, 1).claim('postgres')).toBe(port);
  const moved = await new Ports(dir, port).claim('postgres', port);
  expect(moved).not.toBe(port);
  expect(await new Ports(dir, port).claim('postgres')).toBe(moved);
});
