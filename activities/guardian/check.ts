import type { EntityName, FilterQuery } from '@mikro-orm/postgresql';
import type { CheckName } from '../../core/guardian.ts';
import { all } from '../../db/queries/entity.ts';
import type { SeenWeakness, Unjudged } from '../../db/queries/weaknesses.ts';
import type { Deps } from '../deps.ts';

export type Seen = SeenWeakness | Unjudged;

/** Something of a tenant that can be looked at. */
export interface Thing {
  id: string;
  /** By which people know it. */
  name: string;
  /** What is wrong with it. Throws ProviderError where it could not be looked at: then nothing is known. */
  look(): Promise<Seen[]>;
}

export interface Check {
  name: CheckName;
  /** What the things are, as the audit log calls them. */
  resourceType: string;
  /** The tenant's things behind an id, in the order of their ids, or the one with an id; `limit` of them at most. */
  things(which: Which): Promise<Thing[]>;
}

export interface Which {
  tenantId: string;
  after?: string | null;
  id?: string;
  limit: number;
}

/** A check of all rows of a kind, each by itself. */
export function checkOf<T extends { id: string }>(
  { em }: Pick<Deps, 'em'>,
  spec: {
    name: CheckName;
    resourceType: string;
    entity: EntityName<T>;
    /** Which rows are worth a look. */
    where: FilterQuery<NoInfer<T>>;
    nameOf(row: NoInfer<T>): string;
    look(row: NoInfer<T>): Promise<Seen[]>;
  },
): Check {
  const { name, resourceType, entity, where, nameOf, look } = spec;
  return {
    name,
    resourceType,
    async things({ tenantId, after, id, limit }) {
      const here = { $and: [where, { tenantId }, ...(after ? [{ id: { $gt: after } }] : []), ...(id ? [{ id }] : [])] };
      const rows = await all<T>(em(), entity, here as never, { orderBy: { id: 'asc' } as never, limit });
      return rows.map((row) => ({ id: row.id, name: nameOf(row), look: () => look(row) }));
    },
  };
}
