import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Document {
  /** From the root of the repository. */
  path: string;
  text: string;
}

/** Every page for people. */
export function documents(): Document[] {
  const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join('docs', name),
  );
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pages]
    .filter((path) => path.endsWith('.md'))
    .map((path) => ({ path, text: read(path) }));
}

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
