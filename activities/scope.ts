import { asTenant } from '../db/tenant-scope.ts';

/** Runs an activity with the rows of the tenant that its argument names; one that names none sees no tenant's. */
export function inTenantOf<T>(argument: unknown, work: () => Promise<T>): Promise<T> {
  const { tenantId } = (argument ?? {}) as { tenantId?: unknown };
  return typeof tenantId === 'string' ? asTenant(tenantId, work) : work();
}
