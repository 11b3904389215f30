import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { File } from './manifest.ts';

/** Copies a file and answers the size and hash of what was copied; it may grow meanwhile. */
export async function copyFile(from: string, to: string): Promise<Omit<File, 'path'>> {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  const { meter, measured } = metered();
  await pipeline(createReadStream(from), meter, createWriteStream(to, { mode: 0o600 }));
  return measured();
}

/** Size and hash of every file below a folder, by path from `root`. */
export async function measureFiles(root: string, paths: string[]): Promise<File[]> {
  const files: File[] = [];
  for (const path of paths) {
    const { meter, measured } = metered();
    await pipeline(createReadStream(join(root, path)), meter, async (chunks) => {
      for await (const _ of chunks);
    });
    files.push({ path, ...measured() });
  }
  return files;
}

function metered() {
  const hash = createHash('sha256');
  let size = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  return { meter, measured: () => ({ size, sha256: hash.digest('hex') }) };
}

/** Files and empty folders below a folder. A name ends in / where it is a folder with nothing in it. */
export function tree(root: string, skip: (path: string) => boolean = () => false): string[] {
  const found: string[] = [];
  (function walk(dir: string) {
    const entries = readdirSync(dir, { withFileTypes: true });
    const kept = entries.filter((entry) => !skip(relative(root, join(dir, entry.name))));
    if (!kept.length && dir !== root) found.push(`${relative(root, dir)}/`);
    for (const entry of kept) {
      const path = join(dir, entry.name);
      // A tablespace elsewhere is a link; the embedded server has none.
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) found.push(relative(root, path));
    }
  })(root);
  return found.sort();
}

export const exists = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;
