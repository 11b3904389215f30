import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StartFailure } from '../../scripts/launch/failure.ts';
import { HISTORIES, NEXT, recorded } from './recorded.ts';

/** Checksums of the histories of released versions, as sha256sum writes and checks them. */
const LIST = 'released.sha256';

const ours = (): string => {
  const text = readFileSync(resolve(HISTORIES, '../../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};

/** Gives the histories of the version to come that version's name. From then on they stay as they are. */
export function release(version = ours(), dir = HISTORIES): void {
  if (!existsSync(join(dir, NEXT))) throw new StartFailure(`Nothing is recorded in ${NEXT}/.`);
  if (existsSync(join(dir, version)))
    throw new StartFailure(`${version} is released, and its histories stay as they are: set the next version first.`);
  renameSync(join(dir, NEXT), join(dir, version));
  const files = recorded(dir).filter((one) => one.version === version);
  appendFileSync(join(dir, LIST), files.map(({ file }) => `${checksum(dir, file)}  ${file}\n`).join(''));
  console.log(`${files.length} histories are those of ${version} now`);
}

/** Histories of released versions that are not as they were released: edited, added or taken away, the list's line too. */
export function altered(dir = HISTORIES): string[] {
  const listed = released(dir);
  const kept = recorded(dir).flatMap(({ version, file }) => (version === NEXT ? [] : [file]));
  const all = new Set([...kept, ...listed.keys()]);
  return [...all].filter((file) => !kept.includes(file) || listed.get(file) !== checksum(dir, file)).sort();
}

/** What is listed, by file. */
function released(dir: string): Map<string, string> {
  const list = join(dir, LIST);
  const lines = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];
  return new Map(lines.map((line) => line.split('  ').reverse() as [string, string]));
}

const checksum = (dir: string, file: string): string =>
  createHash('sha256')
    .update(readFileSync(join(dir, file)))
    .digest('hex');
