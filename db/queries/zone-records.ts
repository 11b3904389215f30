import type { EntityManager } from '@mikro-orm/postgresql';
import { newId } from '../../runtime/ids.ts';
import { DnsRecord, DnsZone } from '../entities/index.ts';
import { asPlatform } from '../tenant-scope.ts';

export type WantedRecord = Pick<DnsRecord, 'type' | 'name' | 'content' | 'ttl'> & { priority?: number | null };

export interface RrsetKey {
  /** Relative to the zone, @ for its apex. */
  name: string;
  type: string;
}

/** The live zone that an absolute name (no final dot) lies in, whoever's it is: the one with the longest name. */
export async function zoneOf(em: EntityManager, name: string): Promise<DnsZone | null> {
  const labels = name.split('.');
  const suffixes = labels.map((_, index) => labels.slice(index).join('.'));
  const zones = await asPlatform('a name may lie in a zone of the house', () =>
    em.find(DnsZone, { name: { $in: suffixes }, status: { $ne: 'deleted' } }),
  );
  return zones.sort((a, b) => b.name.length - a.name.length)[0] ?? null;
}

/** Name relative to the zone, @ for its apex. */
export function relativeName(name: string, zone: string): string {
  return name === zone ? '@' : name.slice(0, -zone.length - 1);
}

/**
 * Makes what `managedBy` needs in a zone exactly these records, in the caller's transaction. Answers the names and types
 * touched, for writing them to the name server.
 */
export async function wantRecords(
  em: EntityManager,
  zone: DnsZone,
  managedBy: string,
  wanted: WantedRecord[],
): Promise<RrsetKey[]> {
  const there = await em.find(DnsRecord, { zoneId: zone.id, managedBy });
  const touched = [...there, ...wanted].map(({ name, type }) => ({ name, type }));
  await em.nativeDelete(DnsRecord, { zoneId: zone.id, managedBy });
  const rows = wanted.map((record) => ({
    id: newId(),
    tenantId: zone.tenantId,
    zoneId: zone.id,
    managedBy,
    priority: null,
    ...record,
  }));
  if (rows.length) await em.insertMany(DnsRecord, rows);
  return touched;
}

/** All zones in which something is managed by `managedBy`. */
export async function zonesManagedBy(em: EntityManager, managedBy: string): Promise<DnsZone[]> {
  const records = await em.find(DnsRecord, { managedBy }, { fields: ['zoneId'] });
  return em.find(DnsZone, { id: { $in: [...new Set(records.map((record) => record.zoneId))] } });
}

/** Records of a zone, of all names or of these names and types. */
export function recordsOf(em: EntityManager, zoneId: string, keys?: RrsetKey[]): Promise<DnsRecord[]> {
  const where = keys ? { zoneId, $or: keys.map(({ name, type }) => ({ name, type })) } : { zoneId };
  return em.find(DnsRecord, where, { orderBy: { name: 'asc', type: 'asc', id: 'asc' }, refresh: true });
}

/** One writer per zone, until the transaction ends: PowerDNS duplicates records under concurrent changes. */
export async function lockZone(em: EntityManager, zoneId: string): Promise<void> {
  await em
    .getConnection()
    .execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [zoneId], 'run', em.getTransactionContext());
}
