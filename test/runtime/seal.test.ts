import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createKeyRing } from '../../runtime/keys.ts';
import { createSeal } from '../../runtime/seal.ts';

const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];

test('what a key before has sealed opens, and new values are sealed with the current one', () => {
  const before = createSeal(createKeyRing(first));
  const after = createSeal(createKeyRing(second, [first]));
  expect(after.open('row', before.seal('row', 'secret ü'), before.keyId)).toBe('secret ü');
  expect(after.keyId).not.toBe(before.keyId);
  expect(after.open('row', after.seal('row', 'x'))).toBe('x');
});

test('a key that is not there is named in a sentence that says where it belongs', () => {
  const before = createSeal(createKeyRing(first));
  const other = createSeal(createKeyRing(second));
  expect(() => other.open('row', before.seal('row', 'x'), before.keyId)).toThrow(
    `sealed with the key ${before.keyId}, but SEAL_KEY and SEAL_KEYS_OTHER are ${other.keyId}: add that key to SEAL_KEYS_OTHER`,
  );
});

test.each([
  ['another row', (sealed: Buffer) => ({ row: 'other', sealed })],
  [
    'one bit changed',
    (sealed: Buffer) => ({ row: 'row', sealed: Buffer.from(sealed.map((byte, at) => (at === 13 ? byte ^ 1 : byte))) }),
  ],
  ['cut short', (sealed: Buffer) => ({ row: 'row', sealed: sealed.subarray(0, -1) })],
])('a sealed value does not open: %s', (_, change) => {
  const seal = createSeal(createKeyRing(first));
  const { row, sealed } = change(seal.seal('row', 'a secret'));
  expect(() => seal.open(row, sealed)).toThrow();
});
