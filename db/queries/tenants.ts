import type { EntityManager } from '@mikro-orm/postgresql';
import { Tenant } from '../entities/index.ts';
import { asPlatform } from '../tenant-scope.ts';
import { findRow, listRows, type PageQuery } from './rows.ts';

const PLATFORMS = 'tenants are looked at by platform administrators';

export function tenantExists(em: EntityManager, id: string): Promise<boolean> {
  return asPlatform(PLATFORMS, async () => (await em.count(Tenant, { id })) > 0);
}

export const findTenant = (em: EntityManager, id: string) => asPlatform(PLATFORMS, () => findRow(em, Tenant, { id }));

export const listTenants = (em: EntityManager, page: PageQuery) =>
  asPlatform(PLATFORMS, () => listRows(em, Tenant, {}, page));
