import type { EntityManager } from '@mikro-orm/postgresql';
import { Tenant } from '../entities/index.ts';
import { findRow, listRows, type PageQuery } from './rows.ts';

export async function tenantExists(em: EntityManager, id: string): Promise<boolean> {
  return (await em.count(Tenant, { id })) > 0;
}

export const findTenant = (em: EntityManager, id: string) => findRow(em, Tenant, { id });

export const listTenants = (em: EntityManager, page: PageQuery) => listRows(em, Tenant, {}, page);
