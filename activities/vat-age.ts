import { Customer } from '../db/entities/index.ts';
import { hasLiveJobOf, startJob } from '../db/queries/jobs.ts';
import { lockRow } from '../db/queries/rows.ts';
import { agedCustomers } from '../db/queries/vat-checks.ts';
import type { Deps } from './deps.ts';

/** In one run of the sweep: VIES is not for asking thousands of questions at once. The next run goes on. */
const MOST = 50;

/** Has VIES asked again about numbers that it called valid too long ago; answers how many. */
export async function beginVatChecks({ em, config }: Pick<Deps, 'em' | 'config'>): Promise<number> {
  if (config.PROVIDERS_OFF.includes('vies')) return 0;
  let begun = 0;
  for (const { id, tenantId } of await agedCustomers(em(), config.VAT_CHECK_SECONDS, MOST))
    await em().transactional(async (tx) => {
      await lockRow(tx, Customer, { id });
      if (await hasLiveJobOf(tx, 'vat_check', id)) return;
      startJob(tx, { type: 'vat_check', tenantId, customerId: id, targetId: id });
      begun++;
    });
  return begun;
}
