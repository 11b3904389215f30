import { randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Secret, TOTP } from 'otpauth';
import { lockFactor, useRecoveryCode, useStep } from '../../../db/queries/second-factors.ts';
import type { Seal } from '../../../runtime/seal.ts';

const RECOVERY_CODES = 10;
/** Steps of 30 s that a clock may be wrong by. */
const WINDOW = 1;

/** 160 bits in base32, as RFC 4226 4 recommends. */
export const newSecret = (): string => new Secret({ size: 20 }).base32;

/** What authenticator apps read from a QR code. */
export function uriOf(secret: string, issuer: string, label: string): string {
  return new TOTP({ issuer, label, secret }).toString();
}

/** 80 bits each, in groups that can be read aloud. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => grouped(new Secret({ buffer: bytes(10) }).base32));
}

/**
 * Whether a code is right, which uses it up: a code of RFC 6238 (30 s, SHA-1, 6 digits) that is newer than the last one
 * used, or a recovery code. In a transaction of the caller, which holds the factor locked.
 */
export async function useCode(em: EntityManager, seal: Seal, userId: string, typed: string): Promise<boolean> {
  const code = typed.replaceAll(/[\s-]/g, '').toUpperCase();
  const factor = await lockFactor(em, seal, userId);
  if (!factor) return false;
  if (!/^\d{6}$/.test(code)) return useRecoveryCode(em, userId, grouped(code));
  const delta = TOTP.validate({ token: code, secret: Secret.fromBase32(factor.secret), window: WINDOW });
  return delta !== null && useStep(em, userId, TOTP.counter() + delta);
}

const grouped = (code: string): string => code.match(/.{1,4}/g)?.join('-') ?? '';

function bytes(size: number): ArrayBuffer {
  return Uint8Array.from(randomBytes(size)).buffer;
}
