import { execFile } from 'node:child_process';
import { createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { type Say, saying } from './say.ts';
import { TEMPORAL } from './temporal-release.ts';

const SOURCE = 'https://temporal.download/cli';
const FIRST_BYTE_MS = 5000;

/** What the download service answers (sdk-core, ephemeral_server). */
interface Release {
  archiveUrl: string;
  fileToExtract: string;
}

/**
 * Fetches the Temporal CLI the way Temporal's SDKs do. Given up after five seconds without a first byte, so that a
 * machine without a network goes on to the next way at once.
 * @returns whether `target` is there now
 */
export async function downloadTemporal(target: string, say: Say, source = SOURCE): Promise<boolean> {
  const folder = `${target}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  try {
    const query = new URLSearchParams({
      platform: platform(),
      arch: arch() === 'x64' ? 'amd64' : arch(),
      format: 'tar.gz',
    });
    const release = (await (await get(`${source}/${TEMPORAL.cli}?${query}`)).json()) as Release;
    const archive = await get(release.archiveUrl);
    await saying(
      say,
      `Downloading the Temporal server ${TEMPORAL.server}`,
      unpack(archive, folder, release.fileToExtract),
    );
    renameSync(join(folder, release.fileToExtract), target);
    return true;
  } catch (error) {
    say(`The Temporal server cannot be downloaded (${reason(error)}).`);
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function get(url: string): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`no answer within ${FIRST_BYTE_MS / 1000} s`)), FIRST_BYTE_MS);
  try {
    const response = await fetch(url, { signal: late.signal });
    if (!response.ok || !response.body) throw new Error(`${new URL(url).host} answered ${response.status}`);
    return response;
  } finally {
    clearTimeout(timer);
  }
}

async function unpack(archive: Response, folder: string, file: string): Promise<void> {
  const packed = join(folder, 'archive.tar.gz');
  await pipeline(Readable.fromWeb(archive.body as ReadableStream), createWriteStream(packed));
  await promisify(execFile)('tar', ['-xzf', packed, '-C', dirname(packed), file]);
}

const reason = (error: unknown) => {
  const cause = (error as Error).cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? (error as Error).message;
};
