import { proxyActivities } from '@temporalio/workflow';

/** Limits as the steps of an order have them (workflows/host.ts). */
const { noop } = proxyActivities<{ noop(): Promise<void> }>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '10s',
  retry: { maximumAttempts: 6 },
});

/** So many remote activities that do nothing, one after the other. */
export async function bare(activities: number): Promise<void> {
  for (let done = 0; done < activities; done++) await noop();
}
