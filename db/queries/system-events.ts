import type { EntityManager } from '@mikro-orm/postgresql';
import { newId } from '../../runtime/ids.ts';
import { SystemEvent } from '../entities/index.ts';
import { asPlatform } from '../tenant-scope.ts';
import { listRows, type PageQuery } from './rows.ts';

export type SystemEventFields = Pick<SystemEvent, 'type' | 'level' | 'key' | 'message'> & {
  tenantId?: string | null;
  data?: Record<string, unknown>;
};

const OPERATORS = 'what happens is told to the operators of the platform';

/** Tells operators, in the caller's transaction; once for each type and key. */
export async function recordSystemEvent(em: EntityManager, { tenantId, data, ...fields }: SystemEventFields) {
  const row = { id: newId(), ...fields, tenantId: tenantId ?? null, data: data ?? {} };
  await asPlatform(OPERATORS, () =>
    em.upsert(SystemEvent, row, { onConflictAction: 'ignore', onConflictFields: ['type', 'key'] }),
  );
}

export function listSystemEvents(
  em: EntityManager,
  { type, level, ...page }: PageQuery & { type?: string | undefined; level?: SystemEvent['level'] | undefined },
) {
  const where = { ...(type ? { type } : {}), ...(level ? { level } : {}) };
  return asPlatform(OPERATORS, () => listRows(em, SystemEvent, where, page));
}
