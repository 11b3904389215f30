import type { EntityManager, EntityName, FilterQuery, FindOptions, RequiredEntityData } from '@mikro-orm/postgresql';

/** The row with this id. Throws NotFoundError. */
export function get<T extends { id: string }>(em: EntityManager, entity: EntityName<T>, id: string): Promise<T> {
  return em.findOneOrFail(entity, { id } as FilterQuery<T>, { refresh: true }) as Promise<T>;
}

export function first<T extends object>(
  em: EntityManager,
  entity: EntityName<T>,
  where: FilterQuery<T>,
): Promise<T | null> {
  return em.findOne(entity, where as never) as Promise<T | null>;
}

export function all<T extends object>(
  em: EntityManager,
  entity: EntityName<T>,
  where: FilterQuery<T>,
  options: FindOptions<T> = {},
): Promise<T[]> {
  return em.find(entity, where as never, options as never) as Promise<T[]>;
}

/** Changes the rows that are (still) as `where` says, and answers how many: a compare-and-set. */
export function set<T extends object>(
  em: EntityManager,
  entity: EntityName<T>,
  where: FilterQuery<T>,
  data: Partial<RequiredEntityData<T>>,
): Promise<number> {
  return em.nativeUpdate(entity, where as never, data as never);
}

/** Inserts a row, or leaves the one with the same key alone. */
export async function insertOnce<T extends object>(
  em: EntityManager,
  entity: EntityName<T>,
  data: RequiredEntityData<T>,
  key: (keyof T & string)[],
): Promise<void> {
  await em.upsert(entity, data as never, { onConflictAction: 'ignore', onConflictFields: key as never });
}

export function remove<T extends object>(
  em: EntityManager,
  entity: EntityName<T>,
  where: FilterQuery<T>,
): Promise<number> {
  return em.nativeDelete(entity, where as never);
}
