import { AsyncLocalStorage } from 'node:async_hooks';

/** Whose rows the database shows: those of one tenant by id, everybody's, or none at all. */
export type TenantScope = { tenantId: string } | 'platform' | 'nobody';

const scopes = new AsyncLocalStorage<TenantScope>();

/** Who asks the database now. Nobody, unless {@link asTenant} or {@link asPlatform} is around: then there is no row. */
export function tenantScope(): TenantScope {
  return scopes.getStore() ?? 'nobody';
}

/** Runs something with one tenant's rows: no other can be read or written, whatever a query forgets to say. */
export function asTenant<T>(tenantId: string, work: () => T | PromiseLike<T>): Promise<T> {
  return scopes.run({ tenantId }, async () => await work());
}

/** Runs something across tenants. `_reason` says why to whoever searches for these places; keep what is in it small. */
export function asPlatform<T>(_reason: string, work: () => T | PromiseLike<T>): Promise<T> {
  return scopes.run('platform', async () => await work());
}
