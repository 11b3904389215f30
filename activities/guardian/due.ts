import { beginScan, lockInstance, tenantsToScan } from '../../db/queries/guardian.ts';
import type { Deps } from '../deps.ts';

/** Begins the scans that are due; answers how many. */
export async function beginDueScans({ em, config }: Pick<Deps, 'em' | 'config'>): Promise<number> {
  if (config.GUARDIAN_SCAN_SECONDS === 0) return 0;
  let begun = 0;
  for (const tenantId of await tenantsToScan(em(), config.GUARDIAN_SCAN_SECONDS))
    await em().transactional(async (tx) => {
      const instance = await lockInstance(tx, tenantId);
      if (instance?.enabled && (await beginScan(tx, { tenantId, requestedBy: null }))) begun++;
    });
  return begun;
}
