import type { EntityManager } from '@mikro-orm/postgresql';
import { newId } from '../../runtime/ids.ts';
import { RefreshToken } from '../entities/index.ts';

/** A new token of a family; without one it begins a family. Answers its id. */
export async function addRefreshToken(
  em: EntityManager,
  token: { userId: string; familyId?: string; expiresAt: Date },
): Promise<string> {
  const id = newId();
  await em.insert(RefreshToken, { id, familyId: id, ...token });
  return id;
}

/** Marks a token as used up by a rotation; false when another rotation was first. */
export async function rotate(em: EntityManager, id: string): Promise<boolean> {
  return (
    (await em.nativeUpdate(RefreshToken, { id, rotatedAt: null, revokedAt: null }, { rotatedAt: new Date() })) === 1
  );
}

export async function revokeFamily(em: EntityManager, familyId: string): Promise<void> {
  await em.nativeUpdate(RefreshToken, { familyId, revokedAt: null }, { revokedAt: new Date() });
}

export function findRefreshToken(em: EntityManager, id: string): Promise<RefreshToken | null> {
  return em.findOne(RefreshToken, { id });
}
