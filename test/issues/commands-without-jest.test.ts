import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

// `npm run fuzz` loaded what only a test can load, and ended before it had read its options.

const ROOT = resolve(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const commands = Object.entries(scripts).map(([name, line]) => [name, line.split(' ').filter(isOurs)] as const);

function isOurs(word: string): boolean {
  return word.endsWith('.ts');
}

/** All that a file loads, itself among it; what is only a type is not loaded. */
function loaded(file: string, all = new Set<string>()): Set<string> {
  if (all.has(file)) return all;
  all.add(file);
  if (!isOurs(file)) return all;
  const text = readFileSync(file, 'utf8').replaceAll(/^(import|export) type\b[^;]*;/gm, '');
  for (const [, name = ''] of text.matchAll(/^(?:import|export)\b(?:[^'"]*?\bfrom)?\s*['"]([^'"]+)['"];/gm))
    loaded(name.startsWith('.') ? resolve(file, '..', name) : name, all);
  return all;
}

test.each(commands)('npm run %s can be loaded without jest', (_, files) => {
  const all = files.flatMap((file) => [...loaded(join(ROOT, file))]);
  expect(all.length).toBeGreaterThan(3);
  expect(all).not.toContain('@jest/globals');
});

test('a test is seen to need it', () => {
  expect(loaded(import.meta.filename)).toContain('@jest/globals');
});
