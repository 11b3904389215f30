import { CancellationScope } from '@temporalio/workflow';
import type { JobInput, JobOutcome } from '../catalog.ts';
import { WorkflowHost } from '../host.ts';

/** Money for an order whose own workflow has ended: looked at, and sent back where it is too much. */
export async function payment_settle(job: JobInput): Promise<JobOutcome> {
  return CancellationScope.nonCancellable(async () => {
    const host = await WorkflowHost.begin(job);
    await host.insist('settlePayments', 'settle payments');
    await host.insist('sendOrderMails', 'send mails');
    return host.end({ outcome: 'completed' });
  });
}
