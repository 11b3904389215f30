import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { ConfigError } from '../../runtime/config.ts';
import { newId } from '../../runtime/ids.ts';
import type { Seal } from '../../runtime/seal.ts';
import { Secret } from '../entities/index.ts';
import { asPlatform } from '../tenant-scope.ts';
import { sql } from './rows.ts';

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
  return seal.open(row.id, row.sealed as Uint8Array, row.keyId);
}

export async function dropSecret(em: EntityManager, id: string): Promise<void> {
  await em.nativeDelete(Secret, { id });
}

/** Shows a secret once: undefined when it was shown before. Two at once: one of them gets it. */
export async function revealSecret(em: EntityManager, seal: Seal, id: string): Promise<string | undefined> {
  const shown = await em.nativeUpdate(Secret, { id, revealedAt: null }, { revealedAt: new Date() });
  return shown === 1 ? openSecret(em, seal, id) : undefined;
}

/** How many secrets each key has sealed. */
export async function countByKey(em: EntityManager): Promise<Map<string, number>> {
  const rows = await asPlatform('a key seals for all tenants', () =>
    sql<{ key_id: string; count: string }>(em, 'select key_id, count(*) from secret group by key_id order by key_id'),
  );
  return new Map(rows.map(({ key_id, count }) => [key_id, Number(count)]));
}

/** Throws ConfigError where something is sealed with a key that this process does not have: it could not do its work. */
export async function checkSealKeys(em: EntityManager, seal: Seal): Promise<void> {
  const missing = [...(await countByKey(em)).keys()].filter((keyId) => !seal.knows(keyId));
  if (missing.length)
    throw new ConfigError(
      `secrets in the database are sealed with the key ${missing.join(' and ')}, which is neither SEAL_KEY nor in SEAL_KEYS_OTHER`,
    );
}

/**
 * Seals up to `limit` secrets anew that another key has sealed, in one transaction, and answers how many it took. Rows that
 * somebody else has locked, like another rotation, are left to them.
 */
export function resealBatch(em: EntityManager, seal: Seal, limit: number): Promise<number> {
  return em.transactional(async (tx) => {
    const where = { keyId: { $in: [...seal.otherKeyIds] } };
    const lockMode = LockMode.PESSIMISTIC_PARTIAL_WRITE;
    const rows = await tx.find(Secret, where, { orderBy: { id: 'asc' }, limit, lockMode });
    for (const { id, keyId, sealed } of rows) {
      const anew = seal.seal(id, seal.open(id, sealed as Uint8Array, keyId));
      await tx.nativeUpdate(Secret, { id }, { keyId: seal.keyId, sealed: anew });
    }
    return rows.length;
  });
}
