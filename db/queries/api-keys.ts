import type { EntityManager } from '@mikro-orm/postgresql';
import { hashToken } from '../../runtime/token.ts';
import { ApiKey } from '../entities/index.ts';
import { asPlatform } from '../tenant-scope.ts';
import { listRows, type PageQuery, type Scope, withTenant } from './rows.ts';

/** A key's use is noted once in so long, or each request would write. */
const NOTE_MS = 60_000;

export const listApiKeys = (em: EntityManager, scope: Scope, userId: string, page: PageQuery) =>
  listRows(em, ApiKey, withTenant(scope, { userId }), page);

/** The key that has this secret, of whichever tenant, while it may be used. Notes that it was. */
export function useApiKey(em: EntityManager, secret: string): Promise<ApiKey | null> {
  return asPlatform('a key is found by its secret alone', async () => {
    const now = new Date();
    const alive = { $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] };
    const key = await em.findOne(ApiKey, { hash: hashToken(secret), ...alive });
    const stale = { $or: [{ lastUsedAt: null }, { lastUsedAt: { $lt: new Date(now.getTime() - NOTE_MS) } }] };
    if (key) await em.nativeUpdate(ApiKey, { id: key.id, ...stale }, { lastUsedAt: now });
    return key;
  });
}
