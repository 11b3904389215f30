import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const NONCE = 12;
const TAG = 16;

/** Seals secrets with AES-256-GCM. The id of the row is bound in, so that a sealed value cannot be moved to another row. */
export interface Seal {
  /** First 8 hex digits of the key's SHA-256. */
  readonly keyId: string;
  seal(rowId: string, clear: string): Buffer;
  /** Throws when the value was tampered with, belongs to another row or was sealed with another key. */
  open(rowId: string, sealed: Uint8Array): string;
}

/** @param key 32 bytes in base64 */
export function createSeal(key: string): Seal {
  const bytes = Buffer.from(key, 'base64');
  return {
    keyId: createHash('sha256').update(bytes).digest('hex').slice(0, 8),
    seal(rowId, clear) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', bytes, nonce).setAAD(Buffer.from(rowId));
      return Buffer.concat([nonce, cipher.update(clear, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    open(rowId, sealed) {
      const nonce = sealed.subarray(0, NONCE);
      const decipher = createDecipheriv('aes-256-gcm', bytes, nonce).setAAD(Buffer.from(rowId));
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
      return decipher.update(sealed.subarray(NONCE, sealed.length - TAG), undefined, 'utf8') + decipher.final('utf8');
    },
  };
}
