import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { HISTORIES, NEXT, readHistory, recorded, writeHistory } from './recorded.ts';
import { altered, release } from './release.ts';

const RENEWED = 'domain_renew.happy.json';
let dir: string;
let coming: string[];
beforeEach(() => {
  jest.spyOn(console, 'log').mockImplementation(() => {});
  dir = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'histories-'));
  cpSync(HISTORIES, dir, { recursive: true });
  record();
  coming = recorded(dir).flatMap(({ version, file }) => (version === NEXT ? [file.replace(NEXT, '7.0.0')] : []));
  release('7.0.0', dir);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const at = (file: string) => join(dir, file);

function record(): void {
  const any = recorded().find(({ file }) => file.endsWith(RENEWED));
  writeHistory('domain_renew', 'happy', readHistory(any!), dir);
}

test('what was to come is that version, each file in a list that sha256sum checks', () => {
  expect(coming).toContain(`7.0.0/${RENEWED}`);
  expect(recorded(dir).flatMap(({ version, file }) => (version === '7.0.0' ? [file] : []))).toEqual(coming);
  expect(altered(dir)).toEqual([]);
  const sum = (file: string) =>
    createHash('sha256')
      .update(readFileSync(at(file)))
      .digest('hex');
  const list = readFileSync(at('released.sha256'), 'utf8');
  expect(list.trim().split('\n').slice(-coming.length)).toEqual(coming.map((file) => `${sum(file)}  ${file}`));
});

test.each<[string, () => void, string]>([
  ['edited', () => appendFileSync(at(`7.0.0/${RENEWED}`), '\n'), `7.0.0/${RENEWED}`],
  ['taken away', () => rmSync(at(`7.0.0/${RENEWED}`)), `7.0.0/${RENEWED}`],
  ['added', () => cpSync(at(`7.0.0/${RENEWED}`), at('7.0.0/domain_renew.late.json')), '7.0.0/domain_renew.late.json'],
  ['off the list', () => withoutLine(RENEWED), `7.0.0/${RENEWED}`],
])('a released history that is %s is told by its name', (_, change, file) => {
  change();
  expect(altered(dir)).toEqual([file]);
});

function withoutLine(name: string): void {
  const lines = readFileSync(at('released.sha256'), 'utf8').split('\n');
  writeFileSync(at('released.sha256'), lines.filter((line) => !line.endsWith(name)).join('\n'));
}

test('recorded again, it is one of the version to come, and the released one is as it was', () => {
  record();
  expect(readdirSync(at(NEXT))).toEqual([RENEWED]);
  expect(altered(dir)).toEqual([]);
});

test('nothing is released twice, and the next version adds its own to the list', () => {
  expect(() => release('7.1.0', dir)).toThrow('Nothing is recorded');
  record();
  expect(() => release('7.0.0', dir)).toThrow('7.0.0 is released');
  expect(readdirSync(at(NEXT))).toEqual([RENEWED]);
  release('7.1.0', dir);
  expect(altered(dir)).toEqual([]);
  appendFileSync(at(`7.0.0/${RENEWED}`), '\n');
  expect(altered(dir)).toEqual([`7.0.0/${RENEWED}`]);
});
