import { decrypt, encrypt } from './cipher.ts';
import type { KeyRing } from './keys.ts';

/** Seals secrets with AES-256-GCM. The id of the row is bound in, so that a sealed value cannot be moved to another row. */
export interface Seal {
  /** Of the key that seals. */
  readonly keyId: string;
  /** Keys that may still have sealed what is in the database. */
  readonly otherKeyIds: readonly string[];
  knows(keyId: string): boolean;
  seal(rowId: string, clear: string): Buffer;
  /**
   * Throws UnknownKey, or where the value was tampered with or belongs to another row.
   * @param keyId of the key that sealed it; the current one unless given
   */
  open(rowId: string, sealed: Uint8Array, keyId?: string): string;
}

export function createSeal(ring: KeyRing): Seal {
  return {
    keyId: ring.current.id,
    otherKeyIds: ring.others.map(({ id }) => id),
    knows: ring.has,
    seal: (rowId, clear) => encrypt(ring.current.secret, Buffer.from(clear), rowId),
    open: (rowId, sealed, keyId = ring.current.id) => decrypt(ring.get(keyId).secret, sealed, rowId).toString('utf8'),
  };
}
