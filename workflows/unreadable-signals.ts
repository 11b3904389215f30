import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { WorkflowInterceptors } from '@temporalio/workflow';

/**
 * A signal whose arguments cannot be read, having been encrypted with a key that is not ours or not being JSON, is taken
 * without them: its name says "look" all the same. Otherwise its workflow could not do anything before it was readable.
 */
export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      activate(input, next) {
        for (const { signalWorkflow: signal } of input.activation.jobs ?? [])
          if (signal?.input && !signal.input.every(isReadable)) signal.input = [];
        next(input);
      },
    },
  ],
});

function isReadable(payload: Payload): boolean {
  try {
    defaultPayloadConverter.fromPayload(payload);
    return true;
  } catch {
    return false;
  }
}
