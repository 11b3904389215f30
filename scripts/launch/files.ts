import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartFailure } from './failure.ts';

/** The JSON in a file, or undefined where there is none or a crash left half of one. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError || /^ENO(ENT|TDIR)$/.test((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
}

/** Writes JSON so that readers see the old file or the whole new one. Only the owner may read it. */
export function writeJson(file: string, value: unknown): void {
  makeFolder(dirname(file));
  writeFileSync(`${file}.tmp`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
}

/**
 * Makes a folder with all above it, one by one: told to make them all, Node tries for ever where a file system takes no
 * folders (/proc), and hears no signal meanwhile.
 * @throws StartFailure there, and where something else has the name
 */
export function makeFolder(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) return;
  if (there) throw new StartFailure(`${path} is no folder.`);
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new StartFailure(`No folder can be made at ${path}.`);
    // Somebody else was quicker, or a link leads to nowhere.
    if (code !== 'EEXIST' || !statSync(path, { throwIfNoEntry: false })) throw error;
  }
}
