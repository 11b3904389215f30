import type { EntityManager } from '@mikro-orm/postgresql';
import { newId } from '../../runtime/ids.ts';
import type { Seal } from '../../runtime/seal.ts';
import { Secret } from '../entities/index.ts';

/** Seals a value into a row of its own, in the caller's transaction. Answers the row's id. */
export function keepSecret(
  em: EntityManager,
  seal: Seal,
  tenantId: string | null,
  purpose: string,
  clear: string,
): string {
  const id = newId();
  em.persist(em.create(Secret, { id, tenantId, purpose, keyId: seal.keyId, sealed: seal.seal(id, clear) }));
  return id;
}

export async function openSecret(em: EntityManager, seal: Seal, id: string): Promise<string> {
  const row = await em.findOneOrFail(Secret, { id });
  return seal.open(row.id, row.sealed as Uint8Array);
}

export async function dropSecret(em: EntityManager, id: string): Promise<void> {
  await em.nativeDelete(Secret, { id });
}

/** Shows a secret once: undefined when it was shown before. Two at once: one of them gets it. */
export async function revealSecret(em: EntityManager, seal: Seal, id: string): Promise<string | undefined> {
  const shown = await em.nativeUpdate(Secret, { id, revealedAt: null }, { revealedAt: new Date() });
  return shown === 1 ? openSecret(em, seal, id) : undefined;
}
