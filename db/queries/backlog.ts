import type { EntityManager } from '@mikro-orm/postgresql';

export interface Backlog {
  /** Outbox rows not sent yet. */
  pending: number;
  oldestSeconds: number;
  /** Blocked jobs. */
  blocked: number;
}

export async function measureBacklog(em: EntityManager): Promise<Backlog> {
  const [row] = await em.getConnection().execute<Backlog[]>(
    `select count(*)::int as pending, coalesce(extract(epoch from now() - min(created_at)), 0)::float as "oldestSeconds",
       (select count(*)::int from job where status = 'blocked') as blocked
     from outbox where state = 'pending'`,
  );
  return row!;
}
