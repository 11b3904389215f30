import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { type JobInput, type JobOutcome, SIGNALS } from '../catalog.ts';
import { type Carried, inRuns } from '../runs.ts';
import { forward, type Step } from '../saga.ts';

const keep = defineSignal(SIGNALS.keep);

const END: Step = { name: 'end subscription', do: 'endSubscription' };
const DESTROY: Step = { name: 'destroy service', do: 'destroyService' };

/**
 * Ends a subscription at its time: until then, and until the undo window after it has passed, it can be taken back.
 * The service stands suspended in the window and is destroyed at its end.
 */
export async function subscription_cancel(job: JobInput, carried?: Carried<boolean>): Promise<JobOutcome> {
  let kept = carried?.state ?? false;
  setHandler(keep, () => {
    kept = true;
  });
  return inRuns(
    job,
    carried,
    () => kept,
    async (host) => {
      for (const step of [END, DESTROY]) {
        const due = Date.parse(await host.insist('subscriptionEnd', step.name));
        if (await condition(() => kept, Math.max(0, due - Date.now())))
          return host.end({ outcome: 'cancelled', reason: 'taken back' });
        await forward(step, { forwardOnly: true }, host);
      }
      return host.end({ outcome: 'completed' });
    },
  );
}
