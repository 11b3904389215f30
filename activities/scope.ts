import { actingAs } from '../db/acting.ts';
import { asTenant } from '../db/tenant-scope.ts';

/**
 * Runs an activity with the rows of the tenant that its argument names, and in the name of its job; one that names no
 * tenant sees no tenant's.
 */
export function inTenantOf<T>(argument: unknown, work: () => Promise<T>): Promise<T> {
  const { tenantId, jobId } = (argument ?? {}) as { tenantId?: unknown; jobId?: unknown };
  const acting = () => (typeof jobId === 'string' ? actingAs({ type: 'system', requestId: jobId }, work) : work());
  return typeof tenantId === 'string' ? asTenant(tenantId, acting) : acting();
}
