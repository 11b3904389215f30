import type { EntityManager } from '@mikro-orm/postgresql';
import { Domain } from '../entities/index.ts';
import { findRow, listRows, lockRow, ownedBy, type PageQuery, type Scope } from './rows.ts';

/** Whether a name is registered here, or being registered. One that is only ordered is anybody's still. */
export async function liveDomain(em: EntityManager, name: string): Promise<boolean> {
  return (await em.count(Domain, { name, status: { $nin: ['pending', 'deleted', 'failed'] } })) > 0;
}

export const findDomain = (em: EntityManager, scope: Scope, id: string) => findRow(em, Domain, ownedBy(scope, { id }));

export const lockDomain = (em: EntityManager, scope: Scope, id: string) => lockRow(em, Domain, ownedBy(scope, { id }));

export const listDomains = (
  em: EntityManager,
  scope: Scope,
  filter: { customerId?: string | undefined; status?: Domain['status'] | undefined },
  page: PageQuery,
) => listRows(em, Domain, ownedBy(scope, { ...filter }), page);
