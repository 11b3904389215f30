import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../../db/queries/rows.ts';

/** Rows of a table that this transaction has looked at so far, as PostgreSQL counts them: what is asked once more is the difference. */
export async function counted(tx: EntityManager, table: string): Promise<number> {
  const seen = `select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as n from pg_stat_xact_user_tables where relname = ?`;
  return Number((await sql<{ n: string }>(tx, seen, [table]))[0]?.n ?? 0);
}
