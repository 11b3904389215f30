import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HISTORIES, NEXT, recorded } from './recorded.ts';

/** Checksums of the histories of released versions, as sha256sum writes and checks them. */
const LIST = join(HISTORIES, 'released.sha256');

/** What is listed, by file. */
export function released(): Record<string, string> {
  const lines = existsSync(LIST) ? readFileSync(LIST, 'utf8').trim().split('\n').filter(Boolean) : [];
  return Object.fromEntries(lines.map((line) => line.split('  ').reverse() as [string, string]));
}

export const checksum = (file: string): string =>
  createHash('sha256')
    .update(readFileSync(join(HISTORIES, file)))
    .digest('hex');

/** Gives the histories of the version to come that version's name. From then on they stay as they are. */
export function release(): void {
  const { version } = JSON.parse(readFileSync(resolve(HISTORIES, '../../package.json'), 'utf8')) as { version: string };
  renameSync(join(HISTORIES, NEXT), join(HISTORIES, version));
  const files = recorded().filter((one) => one.version === version);
  appendFileSync(LIST, files.map(({ file }) => `${checksum(file)}  ${file}\n`).join(''));
  console.log(`${files.length} histories are those of ${version} now`);
}
