import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import { DRIFT_SYSTEMS } from '../../core/drift.ts';
import { type DriftReport, HEARTBEAT_TIMEOUT_MS, type ReconcileActivities } from '../contract.ts';

// The schedule comes again: a look that fails is not insisted on.
const { lookForDrift } = proxyActivities<ReconcileActivities>({
  startToCloseTimeout: '15m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
  retry: { maximumAttempts: 2 },
});

/** One cycle of the reconciler, over all outside systems at once: one that fails does not keep the others from being looked at. */
export async function reconcile(): Promise<DriftReport[]> {
  const looks = await Promise.allSettled(DRIFT_SYSTEMS.map((system) => lookForDrift(system)));
  const failed = DRIFT_SYSTEMS.filter((_, at) => looks[at]?.status === 'rejected');
  if (failed.length) throw ApplicationFailure.nonRetryable(`not looked at: ${failed.join(', ')}`, 'Reconcile');
  return looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []));
}
