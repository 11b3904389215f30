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

/** One page of rows, newest first unless asked otherwise, and how many there are in all. */
export async function listRows<T extends { id: string; createdAt: Date }>(
  em: EntityManager,
  entity: EntityName<T>,
  where: Where,
  { page, pageSize, sort }: PageQuery,
): Promise<Page<T>> {
  const matching = em.createQueryBuilder(entity).where(where as never);
  const total = totalOf(matching.clone().select(raw('1')).getFormattedQuery());
  const offset = (page - 1) * pageSize;
  if (offset + pageSize > COUNT_MAX) return farPage(em, entity, where, { total, offset, pageSize, sort });
  const found = await matching
    .select(['*', raw(`${total.sql} as in_all`, total.params)] as never)
    .orderBy(inOrder(sort))
    .limit(pageSize, offset)
    .execute<{ in_all: number }[]>('all');
  // Only to be shown: what watches for changes of a row costs as much again as the row.
  const shown = { refresh: true, convertCustomTypes: true };
  const items = found.map(({ in_all: _, ...row }) => em.getEntityFactory().create(entity, row as never, shown) as T);
  const known = found[0]?.in_all ?? (offset ? undefined : 0);
  return { items, ...told(known ?? (await count(em, total))) };
}

/**
 * One that lies beyond what is counted. Newest first, the last page of a total that is an estimate is read from the end: it
 * shows the last rows, whatever their number, and nobody walks past all the others. Oldest first it is where it is, as rows
 * that come do not move it: whoever reads all of a list goes this way, and would lose what the planner does not know of.
 */
async function farPage<T extends object>(
  em: EntityManager,
  entity: EntityName<T>,
  where: Where,
  { total, offset, pageSize, sort }: { total: Total; offset: number; pageSize: number; sort: PageQuery['sort'] },
): Promise<Page<T>> {
  const all = await count(em, total);
  const left = all - offset;
  const fromEnd = sort === '-createdAt' && all > COUNT_MAX && left > 0 && left <= pageSize;
  const items = (await em.find(entity, where as FilterQuery<NoInfer<T>>, {
    orderBy: inOrder(fromEnd ? 'createdAt' : sort),
    ...(fromEnd ? { limit: left } : { limit: pageSize, offset }),
  })) as T[];
  return { items: fromEnd ? items.reverse() : items, ...told(all) };
}

/** SQL of how many rows a query has. */
type Total = { sql: string; params: unknown[] };

const totalOf = (query: string): Total => ({ sql: `(select list_total(?, ${COUNT_MAX}))`, params: [query] });

async function count(em: EntityManager, total: Total): Promise<number> {
  const [counted] = await sql<{ n: number }>(em, `select ${total.sql} as n`, total.params);
  return counted?.n ?? 0;
}

const told = (total: number) => ({ total, ...(total > COUNT_MAX ? { totalIsEstimate: true as const } : {}) });

function inOrder(sort: PageQuery['sort']): never {
  const direction = sort === 'createdAt' ? 'asc' : 'desc';
  return { createdAt: direction, id: direction } as never;
}

export function sql<T>(em: EntityManager, text: string, params: unknown[] = []): Promise<T[]> {
  return em.getConnection().execute<T[]>(text, params, 'all', em.getTransactionContext());
}
