import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';

const NONCE = 12;
const TAG = 16;

/**
 * AES-256-GCM: nonce ‖ ciphertext ‖ tag. `context` is bound in: what it opens with must be what it was closed with.
 * `key` is no plain bytes: Node would wrap them at each call, which takes four times as long as what is done here.
 */
export function encrypt(key: KeyObject, clear: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
}

/** Throws where the key or the context is another, or a bit was changed. */
export function decrypt(key: KeyObject, closed: Uint8Array, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, closed.subarray(0, NONCE)).setAAD(Buffer.from(context));
  decipher.setAuthTag(closed.subarray(closed.length - TAG));
  return Buffer.concat([decipher.update(closed.subarray(NONCE, closed.length - TAG)), decipher.final()]);
}
