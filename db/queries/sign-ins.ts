import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from './rows.ts';

export interface FailedSignIns {
  count: number;
  /** Where they came from; at most ten. */
  addresses: string[];
  /** ISO 8601; null where there was none. */
  last: string | null;
}

/** Failed attempts to sign in as somebody, in the last day. */
export async function failedSignIns(em: EntityManager, tenantId: string, userId: string): Promise<FailedSignIns> {
  const [row] = await sql<{ count: number; addresses: string[] | null; last: Date | null }>(
    em,
    `select count(*)::int as count, (array_agg(distinct address))[1:10] as addresses, max(created_at) as last from audit_event
     where tenant_id = ? and resource_id = ? and created_at > now() - interval '1 day' and action = 'user.sign_in_failed'`,
    [tenantId, userId],
  );
  return {
    count: row?.count ?? 0,
    addresses: (row?.addresses ?? []).filter((address) => address !== null),
    last: row?.last ? new Date(row.last).toISOString() : null,
  };
}
