import { Customer } from '../db/entities/index.ts';
import { countLiveJobs, hasLiveJobOf, startJob } from '../db/queries/jobs.ts';
import { lockRow } from '../db/queries/rows.ts';
import { agedCustomers } from '../db/queries/vat-checks.ts';
import type { Deps } from './deps.ts';

/** Under way at a time: VIES is not for asking thousands of questions at once, and while it is away each job waits. */
const MOST = 50;

/** Has VIES asked again about numbers that it called valid too long ago; answers how many. */
export async function beginVatChecks({ em, config }: Pick<Deps, 'em' | 'config'>): Promise<number> {
  if (config.PROVIDERS_OFF.includes('vies')) return 0;
  const room = MOST - (await countLiveJobs(em(), 'vat_check'));
  if (room <= 0) return 0;
  let begun = 0;
  for (const { id, tenantId } of await agedCustomers(em(), config.VAT_CHECK_SECONDS, room))
    await em().transactional(async (tx) => {
      await lockRow(tx, Customer, { id });
      if (await hasLiveJobOf(tx, 'vat_check', id)) return;
      startJob(tx, { type: 'vat_check', tenantId, customerId: id, targetId: id });
      begun++;
    });
  return begun;
}
