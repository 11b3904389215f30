import { expect, test } from '@jest/globals';
import { leaksIn } from '../support/leaks.ts';

const secret = { what: 'password', value: 'p"ä ss/word+1' };
const { value } = secret;

test.each([
  ['clear', value],
  ['JSON', JSON.stringify({ password: value })],
  ['URL', `https://host/?p=${encodeURIComponent(value)}`],
  ['form', new URLSearchParams({ p: value }).toString()],
  ['hex', `\\x${Buffer.from(`before${value}after`).toString('hex')}`],
  ['HEX', Buffer.from(value).toString('hex').toUpperCase()],
  ...['', 'x', 'xy', 'xyz'].map((before) => ['base64', Buffer.from(`${before}${value}after`).toString('base64')]),
  ...['', 'x', 'xy', 'xyz'].map((before) => ['base64url', Buffer.from(`${before}${value}ÿ`).toString('base64url')]),
])('a secret is found: %s in %s', (encoding, text) => {
  expect(leaksIn(`something before ${text} something after`, [secret])).toEqual(
    expect.arrayContaining([expect.stringContaining(`password (${encoding}`)]),
  );
});

test('what is not there is not found, and the finding does not tell the secret', () => {
  expect(leaksIn('p"ä ss/word+2', [secret])).toEqual([]);
  expect(leaksIn(value, [secret]).join()).not.toContain(value);
});
