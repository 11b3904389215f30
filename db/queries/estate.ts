import type { EntityManager, EntityName, FilterQuery } from '@mikro-orm/postgresql';
import { DnsZone, Instance } from '../entities/index.ts';
import { sql } from './rows.ts';

/** All rows of a kind in batches, each read in a unit of work of its own, so that any number of them fits in memory. */
export async function* inBatches<T extends { id: string }>(
  em: () => EntityManager,
  entity: EntityName<T>,
  where: FilterQuery<T>,
  size = 500,
): AsyncGenerator<T[]> {
  for (let after: string | undefined; ; ) {
    const next = after === undefined ? where : { $and: [where, { id: { $gt: after } }] };
    const rows = (await em().find(entity, next as never, { orderBy: { id: 'asc' } as never, limit: size })) as T[];
    if (rows.length) yield rows;
    if (rows.length < size) return;
    after = rows.at(-1)?.id;
  }
}

/** Those of these VMIDs that a guest of ours holds or is about to. */
export async function heldVmids(em: EntityManager, vmids: number[]): Promise<Set<number>> {
  const rows = await em.find(
    Instance,
    { vmid: { $in: vmids }, status: { $nin: ['deleted', 'failed'] } },
    { fields: ['vmid'] },
  );
  return new Set(rows.map(({ vmid }) => vmid ?? 0));
}

/** A live zone with the digest of all its records, and of what it was last found equal to. */
export interface ZoneLine {
  id: string;
  name: string;
  digest: string;
  compared: string | null;
}

/** Live zones after an id, in the order of their ids. */
export function zoneLines(em: EntityManager, after: string | null, limit: number): Promise<ZoneLine[]> {
  return sql(
    em,
    `select z.id, z.name, z.compared, (
       select coalesce(md5(string_agg(concat_ws(' ', r.type, r.name, r.ttl, r.priority, r.content), '|' order by r.type, r.name, r.content)), '')
       from dns_record r where r.zone_id = z.id) as digest
     from dns_zone z where z.status = 'active' and z.id > coalesce(?::uuid, '00000000-0000-0000-0000-000000000000') order by z.id limit ?`,
    [after, limit],
  );
}

/** The live zones that were compared longest ago. */
export async function stalestZones(em: EntityManager, limit: number): Promise<Set<string>> {
  const rows = await sql<{ id: string }>(
    em,
    `select id from dns_zone where status = 'active' order by compared_at nulls first, id limit ?`,
    [limit],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Of these names, the zones that were deleted here and that nobody has made again. */
export async function deletedZones(em: EntityManager, names: string[]): Promise<DnsZone[]> {
  const rows = await em.find(DnsZone, { name: { $in: names } }, { orderBy: { createdAt: 'desc' } });
  const live = new Set(rows.filter(({ status }) => status !== 'deleted').map(({ name }) => name));
  return [...new Map(rows.filter(({ name }) => !live.has(name)).map((row) => [row.name, row])).values()];
}
