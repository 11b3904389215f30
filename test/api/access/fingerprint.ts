import type { Api } from '../support.ts';

/** A hash of every row that there is: what changed nothing leaves it as it was. */
export async function fingerprint({ orm }: Api): Promise<Record<string, string>> {
  const tables = new Set(Object.values(orm.getMetadata().getAll()).map(({ tableName }) => tableName));
  const hashes = [...tables].map(
    (table) =>
      `select '${table}' as "table", md5(coalesce(string_agg(t::text, ' ' order by t::text), '')) as hash from "${table}" t`,
  );
  const rows = await orm.em.fork().execute<{ table: string; hash: string }[]>(hashes.join(' union all '));
  return Object.fromEntries(rows.map(({ table, hash }) => [table, hash]));
}
