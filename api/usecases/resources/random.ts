import { randomBytes, randomInt } from 'node:crypto';

// Without what people confuse: 0 O 1 l I.
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** About 115 bits: letters and digits only, so that it survives every shell and form. */
export function randomPassword(length = 20): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** An address under the prefix that Proxmox gives its guests, in the form Proxmox writes it. */
export function randomMac(): string {
  return [
    'BC',
    '24',
    '11',
    ...[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()),
  ].join(':');
}

const QUALITIES = [
  'amber',
  'bold',
  'brisk',
  'calm',
  'clear',
  'deep',
  'early',
  'fair',
  'fleet',
  'keen',
  'lucid',
  'mild',
  'quick',
  'quiet',
  'spry',
  'warm',
];
const THINGS = [
  'beech',
  'brook',
  'cedar',
  'cliff',
  'cove',
  'dune',
  'fjord',
  'grove',
  'heron',
  'larch',
  'marsh',
  'otter',
  'reef',
  'ridge',
  'swift',
  'vale',
];

/** A name to tell guests apart by, and to say over the telephone: calm-otter-3f9a2c. */
export function readableName(): string {
  return `${pick(QUALITIES)}-${pick(THINGS)}-${randomBytes(3).toString('hex')}`;
}

const pick = (words: readonly string[]): string => words[randomInt(words.length)] as string;
