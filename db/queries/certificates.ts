import type { EntityManager } from '@mikro-orm/postgresql';
import { Certificate } from '../entities/index.ts';

/** The certificate with this id, or the newest one that this instance serves; failed ones only where they are asked for. */
export async function findCertificate(
  em: EntityManager,
  id: string,
  { evenFailed = false } = {},
): Promise<Certificate | null> {
  const [row] = await em.find(
    Certificate,
    { $or: [{ id }, { targetId: id }], ...(evenFailed ? {} : { status: { $ne: 'failed' } }) },
    { orderBy: { createdAt: 'desc', id: 'desc' }, limit: 1, refresh: true },
  );
  return row ?? null;
}

/** Neither failed nor revoked: somebody wants it. */
export const LIVE: Certificate['status'][] = ['pending', 'active'];

/** The certificate with this id, or all that this instance serves, as far as somebody wants them. */
export function liveCertificates(em: EntityManager, id: string): Promise<Certificate[]> {
  const where = { $or: [{ id }, { targetId: id }], status: { $in: LIVE } };
  return em.find(Certificate, where, { orderBy: { id: 'asc' }, refresh: true });
}
