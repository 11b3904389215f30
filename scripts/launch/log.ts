import { closeSync, existsSync, openSync, readSync, statSync, writeSync } from 'node:fs';

/** What Node prints below the message of an error that nobody caught: frames, the error's fields, its own version. */
const CRASH_TAIL = /^(\s+at |\s+\S+: .*,?$|}|Node\.js v)/;

/** The last line of a log that says something; of a JSON line its message. Empty where there is none. */
export function lastWords(file: string): string {
  const lines = since(file, Math.max(0, size(file) - 8192)).split('\n');
  return message(lines.findLast((line) => line.trim() !== '' && !CRASH_TAIL.test(line)) ?? '');
}

/**
 * Takes out what was written after this offset for people: neither JSON nor begun with a time, as logs are. It may be a
 * password, which a log must not keep: blanks stand in its place.
 */
export function takePlainLines(file: string, offset: number): string[] {
  const text = since(file, offset);
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^({|\d{4}-\d\d-\d\dT)/.test(line));
  for (const line of lines) {
    const at = offset + Buffer.byteLength(text.slice(0, text.indexOf(line)));
    blank(file, at, Buffer.byteLength(line));
  }
  return lines;
}

/** Its process goes on writing at the end. */
function blank(file: string, at: number, length: number): void {
  const handle = openSync(file, 'r+');
  try {
    writeSync(handle, ' '.repeat(length), at);
  } finally {
    closeSync(handle);
  }
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
