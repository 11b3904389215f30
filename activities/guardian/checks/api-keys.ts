import { ApiKey } from '../../../db/entities/index.ts';
import type { SeenWeakness } from '../../../db/queries/weaknesses.ts';
import type { Deps } from '../../deps.ts';
import { type Check, checkOf } from '../check.ts';

const DAY_MS = 86_400_000;

/** Keys that nobody would miss: used by nobody for long, or over. Whoever finds one lying about uses it. */
export function apiKeys(deps: Pick<Deps, 'em' | 'config'>): Check {
  async function look({ name, prefix, scopes, expiresAt, lastUsedAt, createdAt }: ApiKey): Promise<SeenWeakness[]> {
    const [over, used] = [expiresAt?.toISOString() ?? null, lastUsedAt?.toISOString() ?? null];
    const evidence = { prefix, scopes, expiresAt: over, lastUsedAt: used, createdAt: createdAt.toISOString() };
    if (expiresAt && expiresAt <= new Date()) {
      const text = `The API key ${name} (${prefix}…) expired on ${over?.slice(0, 10)} and is still kept.`;
      return [{ kind: 'api_key_expired', severity: 'low', text, evidence }];
    }
    const idle = (Date.now() - (lastUsedAt ?? createdAt).getTime()) / DAY_MS;
    if (idle < deps.config.GUARDIAN_KEY_DAYS) return [];
    const since = used ? `not been used since ${used.slice(0, 10)}` : 'never been used';
    const text = `The API key ${name} (${prefix}…) has ${since}.`;
    return [{ kind: 'api_key_unused', severity: 'medium', text, evidence }];
  }

  return checkOf(deps, {
    name: 'api_keys',
    resourceType: 'api_key',
    entity: ApiKey,
    where: {},
    nameOf: ({ name }) => name,
    look,
  });
}
