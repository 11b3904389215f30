import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
let last = 0;

/** An id whose text sorts by the time it was made, so that a list keeps its order through a restart. */
export function newId(prefix: string): string {
  last = Math.max(last + 1, Date.now() * 1000);
  return `${prefix}_${inLetters(last)}${randomLetters(14)}`;
}

export function randomLetters(length: number): string {
  return [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

function inLetters(value: number): string {
  let rest = value;
  let letters = '';
  for (let place = 0; place < 9; place++) {
    letters = ALPHABET[rest % 62] + letters;
    rest = Math.floor(rest / 62);
  }
  return letters;
}

/** Unix time in whole seconds, as Stripe counts it. */
export const now = (): number => Math.floor(Date.now() / 1000);
