import { type EntityManager, type EntityName, type FilterQuery, LockMode, raw } from '@mikro-orm/postgresql';

/** Whose rows are there at all: a tenant's, or of them one customer's. */
export interface Scope {
  tenantId: string;
  customerId: string | null;
}

export interface PageQuery {
  /** From 1. */
  page: number;
  pageSize: number;
  sort: 'createdAt' | '-createdAt';
}

export interface Page<T> {
  items: T[];
  total: number;
  /** Set when counting stopped at {@link COUNT_MAX} and the planner's guess was taken instead. */
  totalIsEstimate?: true;
}

export const COUNT_MAX = 10_000;

type Where = Record<string, unknown>;

/** Filter of rows that carry a tenant and a customer. Undefined conditions do not count. */
export function ownedBy(scope: Scope, where: Where = {}): Where {
  return withTenant(scope, scope.customerId ? { ...where, $and: [{ customerId: scope.customerId }] } : where);
}

/** Filter of rows that every customer of the tenant may see. */
export function withTenant(scope: Scope, where: Where = {}): Where {
  const set = Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined));
  return { ...set, tenantId: scope.tenantId };
}

export function findRow<T extends object>(em: EntityManager, entity: EntityName<T>, where: Where): Promise<T | null> {
  return em.findOne(entity, where as FilterQuery<NoInfer<T>>) as Promise<T | null>;
}

/** The row, locked until the transaction ends, as it is now. */
export function lockRow<T extends object>(em: EntityManager, entity: EntityName<T>, where: Where): Promise<T | null> {
  return em.findOne(entity, where as FilterQuery<NoInfer<T>>, {
    lockMode: LockMode.PESSIMISTIC_WRITE,
    refresh: true,
  }) as Promise<T | null>;
}

/**
 * One page of rows, newest first unless asked otherwise, and how many there are in all. The last page of a total that is
 * an estimate is read from the end: it shows the last rows, whatever their number, and nobody walks past all the others.
 */
export async function listRows<T extends { id: string; createdAt: Date }>(
  em: EntityManager,
  entity: EntityName<T>,
  where: Where,
  { page, pageSize, sort }: PageQuery,
): Promise<Page<T>> {
  const totals = await countRows(em, entity, where);
  const offset = (page - 1) * pageSize;
  const left = totals.total - offset;
  const fromEnd = totals.totalIsEstimate === true && left > 0 && left <= pageSize;
  const direction = (sort === 'createdAt') === fromEnd ? 'desc' : 'asc';
  const items = (await em.find(entity, where as FilterQuery<NoInfer<T>>, {
    orderBy: [{ createdAt: direction }, { id: direction }] as never,
    ...(fromEnd ? { limit: left } : { limit: pageSize, offset }),
  })) as T[];
  return { items: fromEnd ? items.reverse() : items, ...totals };
}

async function countRows<T extends object>(
  em: EntityManager,
  entity: EntityName<T>,
  where: Where,
): Promise<Omit<Page<T>, 'items'>> {
  const rows = em
    .createQueryBuilder(entity)
    .select(raw('1'))
    .where(where as never);
  const matching = rows
    .clone()
    .limit(COUNT_MAX + 1)
    .getFormattedQuery();
  const [counted] = await sql<{ n: number }>(em, `select count(*)::int as n from (${matching}) matching`);
  const total = counted?.n ?? 0;
  if (total <= COUNT_MAX) return { total };
  const [explained] = await sql<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    em,
    `explain (format json) ${rows.getFormattedQuery()}`,
  );
  return { total: Math.max(total, explained?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0), totalIsEstimate: true };
}

export function sql<T>(em: EntityManager, text: string, params: unknown[] = []): Promise<T[]> {
  return em.getConnection().execute<T[]>(text, params, 'all', em.getTransactionContext());
}
