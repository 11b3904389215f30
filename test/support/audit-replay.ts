import type { EntityManager } from '@mikro-orm/postgresql';
import { AUDITED_TABLES } from '../../db/audited-tables.ts';
import { sql } from '../../db/queries/rows.ts';

type Columns = Record<string, unknown>;

/** Rows that are not what the audit log tells of them from their beginning: a change that went past it. Asked as the owner. */
export function untold(em: EntityManager): Promise<string[]> {
  return em.transactional(async (tx) => {
    await sql(tx, `set local timezone = 'UTC'`);
    const told = await replay(tx);
    const wrong: string[] = [];
    for (const [table, how] of Object.entries(AUDITED_TABLES)) {
      if (typeof how === 'string') continue;
      const unknown = new Set([...how.ignored, ...how.secret]);
      for (const { row } of await sql<{ row: Columns }>(tx, `select to_jsonb(t) as row from "${table}" t`)) {
        const key = keyOf(how.tenant && row[how.tenant], row[how.id]);
        const [is, said] = [row, told.get(key) ?? {}].map((columns) => plain(columns, unknown));
        if (is !== said) wrong.push(`${table} ${key} is ${is}, the log says ${said}`);
      }
    }
    return wrong;
  });
}

async function replay(em: EntityManager): Promise<Map<string, Columns>> {
  const events = await sql<{ tenant: string; resource: string; before: Columns | null; after: Columns | null }>(
    em,
    `select tenant_id as tenant, resource_id as resource, before, after from audit_event
     where before is not null or after is not null order by tenant_id, seq`,
  );
  const rows = new Map<string, Columns>();
  for (const { tenant, resource, before, after } of events) {
    const key = keyOf(tenant, resource);
    if (after) rows.set(key, before ? { ...rows.get(key), ...after } : after);
    else rows.delete(key);
  }
  return rows;
}

const keyOf = (tenant: unknown, resource: unknown) => `${tenant ?? 'platform'} ${resource}`;

function plain(columns: Columns, unknown: Set<string>): string {
  const shown = Object.entries(columns).filter(([name, value]) => value !== null && !unknown.has(name));
  return JSON.stringify(Object.fromEntries(shown.sort(([a], [b]) => (a < b ? -1 : 1))));
}
