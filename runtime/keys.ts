import { createHash, createSecretKey, type KeyObject } from 'node:crypto';

export interface Key {
  /** First 8 hex digits of the key's SHA-256. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: KeyObject;
}

/** The keys of an installation: one that seals, and others that open what they sealed. */
export interface KeyRing {
  readonly current: Key;
  readonly others: readonly Key[];
  has(id: string): boolean;
  /** Throws UnknownKey. */
  get(id: string): Key;
}

/** Something was sealed with a key that this process was not given. */
export class UnknownKey extends Error {
  override readonly name = 'UnknownKey';
}

/** @param current 32 bytes in base64, like each of `others` */
export function createKeyRing(current: string, others: readonly string[] = []): KeyRing {
  const keys = [current, ...others].map(keyOf);
  const byId = new Map(keys.map((key) => [key.id, key]));
  const [first, ...rest] = byId.values();
  return {
    current: first as Key,
    others: rest,
    has: (id) => byId.has(id),
    get(id) {
      const key = byId.get(id);
      if (!key) throw unknownKey(id, [...byId.keys()]);
      return key;
    },
  };
}

function keyOf(base64: string): Key {
  const bytes = Buffer.from(base64, 'base64');
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), secret: createSecretKey(bytes) };
}

function unknownKey(id: string, known: string[]): UnknownKey {
  return new UnknownKey(
    `sealed with the key ${id}, but SEAL_KEY and SEAL_KEYS_OTHER are ${known.join(', ')}: add that key to SEAL_KEYS_OTHER`,
  );
}
