import type { EntityManager } from '@mikro-orm/postgresql';
import { Customer } from '../entities/index.ts';
import { findRow, listRows, lockRow, type PageQuery, type Scope, withTenant } from './rows.ts';

/** A customer's own login sees itself alone. */
const visible = (scope: Scope, where: Record<string, unknown>) =>
  withTenant(scope, scope.customerId ? { ...where, $and: [{ id: scope.customerId }] } : where);

export const findCustomer = (em: EntityManager, scope: Scope, id: string) =>
  findRow(em, Customer, visible(scope, { id }));

/** Locked, so that what is counted per customer stays counted until the transaction ends. */
export const lockCustomer = (em: EntityManager, scope: Scope, id: string) =>
  lockRow(em, Customer, visible(scope, { id }));

export function listCustomers(em: EntityManager, scope: Scope, search: string | undefined, page: PageQuery) {
  const like = `%${search?.replace(/[\\%_]/g, '\\$&')}%`;
  const found = search ? { $or: [{ name: { $ilike: like } }, { email: { $ilike: like } }] } : {};
  return listRows(em, Customer, visible(scope, found), page);
}
