import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');

function bench(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'bench/main.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((done) => child.once('close', (code) => done({ code, output })));
}

test('a small run measures everything, makes as many guests as orders, and writes its table down', async () => {
  const { code, output } = await bench('--orders', '10', '--runs', '1', '--rows', '200');
  expect({ code, output }).toMatchObject({ code: 0 });
  const file = /^Written to (.+\.json)$/m.exec(output)?.[1] ?? '';
  const result = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file);
  const names = result.figures.map(({ name }: { name: string }) => name);
  const lists = names.filter((name: string) => name.startsWith('GET /'));
  expect(lists.length).toBeGreaterThan(15);
  expect(names.filter((name: string) => !lists.includes(name))).toEqual([
    'orders finished, 50 in flight',
    'bare workflows beside them',
    'orders : bare workflows',
    'payment sessions answered late',
    'workflows of an order',
    'database transactions of an order',
    'paid to delivered, p50',
    'paid to delivered, p95',
    'API read, p50',
    'API read, p95',
    'API write, p50',
    'API write, p95',
    'webhook answer, p50',
    'webhook answer, p99',
    'second npm start',
  ]);
  for (const { name, value } of result.figures)
    if (name !== 'payment sessions answered late') expect(value).toBeGreaterThan(0);
  for (const part of ['postgres', 'temporal', 'sandbox', 'workers', 'api'])
    expect(result.costs['Resident memory after it all, MB'][part]).toBeGreaterThan(10);
  expect(result.wrong).toEqual([]);
}, 240_000);

test('says what it does not understand', async () => {
  expect(await bench('--orders', 'many')).toEqual({ code: 1, output: '--orders takes a number from 1 up.\n' });
  expect(await bench('--only', 'luck')).toMatchObject({
    code: 1,
    output: expect.stringContaining('--only takes one of'),
  });
});
