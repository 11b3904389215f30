import type { JobInput, JobOutcome } from '../catalog.ts';
import { type Carried, inRuns, NOTHING } from '../runs.ts';

/** Money for an order whose own workflow has ended: looked at, and sent back where it is too much. */
export async function payment_settle(job: JobInput, carried?: Carried<null>): Promise<JobOutcome> {
  return inRuns(job, carried, NOTHING, async (host) => {
    await host.insist('settlePayments', 'settle payments');
    await host.insist('sendOrderMails', 'send mails');
    return host.end({ outcome: 'completed' });
  });
}
