import type { Pool, PoolClient } from 'pg';

/**
 * Takes a connection that broke while it was in use out of the pool. Kysely 0.29 gives a transaction's connection back only
 * after a begin, commit or rollback that worked, so that each one cut off would take a place in the pool for good.
 */
export function reclaimBroken(pool: Pool): void {
  const inUse = new Set<PoolClient>();
  pool.on('acquire', (client) => inUse.add(client));
  pool.on('release', (_, client) => inUse.delete(client));
  pool.on('connect', (client) =>
    client.once('end', () => {
      if (!inUse.has(client)) return;
      client.release(true);
      // Whoever used it may still give it back, and twice is an error.
      client.release = () => undefined;
    }),
  );
}
