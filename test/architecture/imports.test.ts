import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');

/** What each folder may import of ours; docs/architecture.md says why. `catalog` is workflows/{catalog,contract}.ts alone. */
const ALLOWED: Record<string, readonly string[]> = {
  core: [],
  runtime: ['core', 'catalog'],
  db: ['core', 'runtime', 'catalog'],
  providers: ['core', 'runtime'],
  workflows: ['core'],
  activities: ['core', 'runtime', 'db', 'ports', 'catalog'],
  workers: ['core', 'runtime', 'db', 'providers', 'ports', 'activities', 'workflows', 'catalog'],
  api: ['core', 'runtime', 'db', 'catalog'],
  sandbox: [],
};

/** npm packages and node modules that may not be used in a folder. */
const FORBIDDEN_PACKAGES: Record<string, RegExp> = {
  core: /./,
  workflows: /^(?!@temporalio\/(workflow|common)$)/,
  api: /^(@temporalio\/(worker|workflow|activity)|pg|nodemailer)$/,
};

interface Import {
  file: string;
  to: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string, text: string): Import[] {
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|^import ['"]([^'"]+)['"]/gm,
  );
  return [...found].map((match) => ({ file, to: match[1] ?? match[2] ?? match[3] ?? '' }));
}

function folderOf(file: string, to: string): string {
  const path = relative(ROOT, resolve(ROOT, dirname(file), to));
  if (/^workflows\/(catalog|contract)\.ts$/.test(path)) return 'catalog';
  if (/^providers\/[a-z]+\/port\.ts$/.test(path)) return 'ports';
  return path.split('/')[0] ?? '';
}

function violation({ file, to }: Import): string | undefined {
  const from = file.split('/')[0] ?? '';
  if (!to.startsWith('.')) return FORBIDDEN_PACKAGES[from]?.test(to) ? `${file} imports ${to}` : undefined;
  const target = folderOf(file, to);
  const own =
    target === from || (from === 'workflows' && target === 'catalog') || (from === 'providers' && target === 'ports');
  return own || ALLOWED[from]?.includes(target) ? undefined : `${file} imports ${to} (${target})`;
}

describe.each(Object.keys(ALLOWED))('%s/', (folder) => {
  test('imports only what the table allows', () => {
    const all = sources(folder).flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8')));
    expect(all.map(violation).filter(Boolean)).toEqual([]);
  });
});

test.each([
  ['api/usecases/x.ts', "import { createAcme } from '../../providers/acme/client.ts';"],
  ['workflows/x.ts', "import { readFileSync } from 'node:fs';"],
  ['sandbox/x.ts', "import type { Rrset } from '../providers/powerdns/port.ts';"],
  ['core/x.ts', "import { z } from 'zod';"],
  ['activities/x.ts', "export { a } from '../providers/acme/csr.ts';"],
])('%s may not say %s', (file, text) => {
  expect(importsOf(file, text).map(violation).filter(Boolean)).toHaveLength(1);
});
