import { CancellationScope } from '@temporalio/workflow';
import type { JobInput, JobOutcome } from '../catalog.ts';
import { WorkflowHost } from '../host.ts';
import { forward, type Step } from '../saga.ts';

const SETTLE: Step = { name: 'settle', do: 'settleDrift' };

/** One finding of the reconciler: mended, or shown as blocked until it is gone or an operator skips it. */
export async function drift(job: JobInput): Promise<JobOutcome> {
  return CancellationScope.nonCancellable(async () => {
    const host = await WorkflowHost.begin(job);
    await forward(SETTLE, { forwardOnly: true }, host);
    return host.end({ outcome: 'completed' });
  });
}
