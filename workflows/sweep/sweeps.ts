import { proxyActivities } from '@temporalio/workflow';
import type { SweepActivities } from '../contract.ts';
import { processOf } from '../process.ts';
import type { Saga } from '../saga.ts';

/** What is due for a tenant's subscriptions and names; a job of its own for each. */
export const renewalSweep: Saga = {
  type: 'renewal_sweep',
  forwardOnly: true,
  steps: [
    { name: 'ask for renewals', do: 'startRenewals' },
    { name: 'suspend unpaid', do: 'startSuspensions' },
    { name: 'end unpaid', do: 'startLapses' },
    { name: 'renew domains', do: 'startDomainRenewals' },
  ],
};

/** Certificates are renewed in time; of what runs out otherwise its customer is told. */
export const expirySweep: Saga = {
  type: 'expiry_sweep',
  forwardOnly: true,
  steps: [
    { name: 'read renewal windows', do: 'readRenewalWindows' },
    { name: 'renew certificates', do: 'startCertificateRenewals' },
    { name: 'look at expired domains', do: 'lookAtExpired' },
    { name: 'warn', do: 'startWarnings' },
  ],
};

/** One mail. */
export const noticeSend: Saga = {
  type: 'notice_send',
  forwardOnly: true,
  steps: [{ name: 'send mail', do: 'sendNotice' }],
};

/** Rows that nobody will ask for again. */
export const cleanupSweep: Saga = {
  type: 'cleanup_sweep',
  forwardOnly: true,
  steps: [{ name: 'delete dead rows', do: 'deleteDeadRows' }],
};

export const renewal_sweep = processOf(renewalSweep);
export const expiry_sweep = processOf(expirySweep);
export const notice_send = processOf(noticeSend);
export const cleanup_sweep = processOf(cleanupSweep);

/** What the schedule starts: a look at what is due. What is gets a job; what is not leaves no trace. */
export async function sweep(): Promise<number> {
  const { beginSweeps } = proxyActivities<SweepActivities>({
    startToCloseTimeout: '1m',
    retry: { maximumAttempts: 3 },
  });
  return beginSweeps();
}
