import { type EntityManager, type FilterQuery, raw } from '@mikro-orm/postgresql';
import { Customer } from '../entities/index.ts';
import {
  COUNT_MAX,
  findRow,
  listRows,
  lockRow,
  type Page,
  type PageQuery,
  type Scope,
  sql,
  withTenant,
} from './rows.ts';

/** A customer's own login sees itself alone. */
const visible = (scope: Scope, where: Record<string, unknown>) =>
  withTenant(scope, scope.customerId ? { ...where, $and: [{ id: scope.customerId }] } : where);

export const findCustomer = (em: EntityManager, scope: Scope, id: string) =>
  findRow(em, Customer, visible(scope, { id }));

/** Locked, so that what is counted per customer stays counted until the transaction ends. */
export const lockCustomer = (em: EntityManager, scope: Scope, id: string) =>
  lockRow(em, Customer, visible(scope, { id }));

export function listCustomers(
  em: EntityManager,
  scope: Scope,
  search: string | undefined,
  page: PageQuery,
): Promise<Page<Customer>> {
  if (search === undefined) return listRows(em, Customer, visible(scope, {}), page);
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  if (scope.customerId === null) return searchCustomers(em, scope, pattern, page);
  const alike = raw('words like lower(?)', [pattern]);
  return listRows(em, Customer, visible(scope, { $or: [{ [alike as never]: [] }] }), page);
}

/** By the database's function, which may use an index where a query under the policies may not. */
async function searchCustomers(em: EntityManager, scope: Scope, pattern: string, { page, pageSize, sort }: PageQuery) {
  const [found] = await sql<{ ids: string[]; total: number; guessed: boolean }>(
    em,
    'select ids, total, guessed from customer_search(?, ?, ?, ?, ?)',
    [pattern, sort === '-createdAt', pageSize, (page - 1) * pageSize, COUNT_MAX],
  );
  const { ids = [], total = 0, guessed = false } = found ?? {};
  const rows = await em.find(Customer, visible(scope, { id: { $in: ids } }) as FilterQuery<Customer>);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const items = ids.flatMap((id) => byId.get(id) ?? []);
  return { items, total, ...(guessed ? { totalIsEstimate: true as const } : {}) };
}
