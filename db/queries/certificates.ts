import type { EntityManager } from '@mikro-orm/postgresql';
import { Certificate } from '../entities/index.ts';

/** The certificate with this id, or the newest one that this instance serves. */
export async function findCertificate(em: EntityManager, id: string): Promise<Certificate | null> {
  const [row] = await em.find(
    Certificate,
    { $or: [{ id }, { targetId: id }], status: { $ne: 'failed' } },
    { orderBy: { createdAt: 'desc', id: 'desc' }, limit: 1, refresh: true },
  );
  return row ?? null;
}
