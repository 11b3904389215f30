import type { EntityManager } from '@mikro-orm/postgresql';
import type { Seal } from '../../runtime/seal.ts';
import { hashToken } from '../../runtime/token.ts';
import { RecoveryCode, SecondFactor } from '../entities/index.ts';
import { lockRow } from './rows.ts';
import { dropSecret, keepSecret, openSecret } from './secrets.ts';

/** Whether a login needs more than its password. */
export async function hasSecondFactor(em: EntityManager, userId: string): Promise<boolean> {
  return (await em.count(SecondFactor, { userId, confirmedAt: { $ne: null } })) > 0;
}

/** Begins anew with a secret that counts once it is confirmed. */
export async function enrolFactor(
  em: EntityManager,
  seal: Seal,
  user: { id: string; tenantId: string },
  secret: string,
): Promise<void> {
  await dropFactor(em, user.id);
  const secretId = keepSecret(em, seal, user.tenantId, 'second factor', secret);
  await em.insert(SecondFactor, { userId: user.id, secretId });
}

/** The factor, locked, with its secret in clear (base32). */
export async function lockFactor(em: EntityManager, seal: Seal, userId: string) {
  const row = await lockRow(em, SecondFactor, { userId });
  return row && { confirmed: row.confirmedAt !== null, secret: await openSecret(em, seal, row.secretId) };
}

export async function confirmFactor(em: EntityManager, userId: string, codes: readonly string[]): Promise<void> {
  await em.nativeUpdate(SecondFactor, { userId }, { confirmedAt: new Date() });
  await em.insertMany(
    RecoveryCode,
    codes.map((code) => ({ userId, hash: hashToken(code) })),
  );
}

/** Uses up a code's step of time with all before it; false when it was used before. */
export async function useStep(em: EntityManager, userId: string, step: number): Promise<boolean> {
  return (await em.nativeUpdate(SecondFactor, { userId, lastStep: { $lt: step } }, { lastStep: step })) === 1;
}

/** Uses a recovery code up; false when there is no such one, or not any more. */
export async function useRecoveryCode(em: EntityManager, userId: string, code: string): Promise<boolean> {
  const where = { userId, hash: hashToken(code), usedAt: null };
  return (await em.nativeUpdate(RecoveryCode, where, { usedAt: new Date() })) === 1;
}

/** Switches it off, and forgets its secret; false where there was none. */
export async function dropFactor(em: EntityManager, userId: string): Promise<boolean> {
  const row = await em.findOne(SecondFactor, { userId });
  await em.nativeDelete(RecoveryCode, { userId });
  await em.nativeDelete(SecondFactor, { userId });
  if (row) await dropSecret(em, row.secretId);
  return row !== null;
}
