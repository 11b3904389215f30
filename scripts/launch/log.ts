import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';

/** What Node prints below the message of an error that nobody caught: frames, the error's fields, its own version. */
const CRASH_TAIL = /^(\s+at |\s+\S+: .*,?$|}|Node\.js v)/;

/** The last line of a log that says something; of a JSON line its message. Empty where there is none. */
export function lastWords(file: string): string {
  const lines = since(file, Math.max(0, size(file) - 8192)).split('\n');
  return message(lines.findLast((line) => line.trim() !== '' && !CRASH_TAIL.test(line)) ?? '');
}

/** What was written after this offset for people: neither JSON nor begun with a time, as logs are. */
export function plainLines(file: string, offset: number): string[] {
  return since(file, offset)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^({|\d{4}-\d\d-\d\dT)/.test(line));
}

export const size = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

function since(file: string, offset: number): string {
  if (!existsSync(file)) return '';
  const handle = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(Math.max(0, size(file) - offset));
    return buffer.toString('utf8', 0, readSync(handle, buffer, 0, buffer.length, offset));
  } finally {
    closeSync(handle);
  }
}

function message(line: string): string {
  if (!line.startsWith('{')) return line.trim();
  try {
    const { msg } = JSON.parse(line) as { msg?: unknown };
    return typeof msg === 'string' ? msg : line;
  } catch {
    return line; // cut off in the middle by the end of its process
  }
}
