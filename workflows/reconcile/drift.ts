import type { JobInput, JobOutcome } from '../catalog.ts';
import { type Carried, inRuns, NOTHING } from '../runs.ts';
import { forward, type Step } from '../saga.ts';

const SETTLE: Step = { name: 'settle', do: 'settleDrift' };

/** One finding of the reconciler: mended, or shown as blocked until it is gone or an operator skips it. */
export async function drift(job: JobInput, carried?: Carried<null>): Promise<JobOutcome> {
  return inRuns(job, carried, NOTHING, async (host) => {
    await forward(SETTLE, { forwardOnly: true }, host);
    return host.end({ outcome: 'completed' });
  });
}
