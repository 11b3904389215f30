import type { EntityManager } from '@mikro-orm/postgresql';
import { DnsRecord, DnsZone } from '../entities/index.ts';
import { asPlatform } from '../tenant-scope.ts';
import { findRow, listRows, lockRow, ownedBy, type PageQuery, type Scope } from './rows.ts';

export const findZone = (em: EntityManager, scope: Scope, id: string) => findRow(em, DnsZone, ownedBy(scope, { id }));

export const lockZone = (em: EntityManager, scope: Scope, id: string) => lockRow(em, DnsZone, ownedBy(scope, { id }));

export const listZones = (
  em: EntityManager,
  scope: Scope,
  filter: { customerId?: string | undefined; domainId?: string | undefined },
  page: PageQuery,
) => listRows(em, DnsZone, ownedBy(scope, { ...filter }), page);

export const listRecords = (em: EntityManager, zoneId: string, page: PageQuery) =>
  listRows(em, DnsRecord, { zoneId }, page);

export const allRecords = (em: EntityManager, zoneId: string) => em.find(DnsRecord, { zoneId });

export const findRecord = (em: EntityManager, zoneId: string, id: string) => findRow(em, DnsRecord, { zoneId, id });

/** Whether a zone holds addresses under a name already. */
export async function isNameUsed(em: EntityManager, zoneId: string, name: string): Promise<boolean> {
  return asPlatform(
    'names are taken in zones of the house by every tenant',
    async () => (await em.count(DnsRecord, { zoneId, name, type: { $in: ['A', 'AAAA', 'CNAME'] } })) > 0,
  );
}
