import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import type { Deps } from '../activities/deps.ts';
import { toFailure } from '../activities/failure.ts';
import { inTenantOf } from '../activities/scope.ts';
import { beginStep, markStep } from '../db/queries/projection.ts';
import type { Logger } from '../runtime/logger.ts';
import { stepSeconds } from '../runtime/metrics.ts';
import type { StepRef } from '../workflows/contract.ts';
import { HEARTBEAT } from './tuning.ts';

type Execute = Next<ActivityInboundCallsInterceptor, 'execute'>;

/**
 * Around every activity, with the rows of its tenant: shows the attempt in the job's steps, tells Temporal that this
 * worker lives, and turns what was thrown into what it means for the workflow.
 */
export function stepInterceptor(deps: Pick<Deps, 'em'>, log: Logger) {
  return (context: Context): { inbound: ActivityInboundCallsInterceptor } => ({
    inbound: { execute: (input, next) => inTenantOf(input.args[0], () => execute(context, input, next)) },
  });

  async function execute(context: Context, input: ActivityExecuteInput, next: Execute): Promise<unknown> {
    const ref = stepOf(input.args[0]);
    const beat = context.info.isLocal ? undefined : setInterval(() => context.heartbeat(), HEARTBEAT.everyMs);
    const began = performance.now();
    const { attempt, activityType } = context.info;
    try {
      if (ref) await beginStep(deps.em(), { jobId: ref.jobId, name: ref.step, attempt, undo: ref.phase === 'undo' });
      const result = await next(input);
      if (ref) await markStep(deps.em(), ref.jobId, ref.step, stateAfter(ref, result), missedBy(result));
      stepSeconds.observe({ activity: activityType, outcome: 'ok' }, (performance.now() - began) / 1000);
      return result;
    } catch (error) {
      stepSeconds.observe({ activity: activityType, outcome: 'failed' }, (performance.now() - began) / 1000);
      log.warn({ activity: activityType, attempt, jobId: ref?.jobId, err: error }, 'attempt failed');
      await showFailure(ref, error);
      throw toFailure(error);
    } finally {
      clearInterval(beat);
    }
  }

  // What cannot be written down now is written by the next attempt; the failure itself must reach the workflow.
  async function showFailure(ref: StepRef | undefined, error: unknown): Promise<void> {
    if (!ref) return;
    const text = error instanceof Error ? error.message : String(error);
    await markStep(deps.em(), ref.jobId, ref.step, 'failed', text).catch((err: unknown) =>
      log.warn({ err }, 'step not written'),
    );
  }
}

function stateAfter(ref: StepRef, result: unknown): string {
  if (ref.phase === 'undo') return 'undone';
  return result === 'skipped' ? 'skipped' : 'done';
}

/** What a step that is done left out, in words. */
function missedBy(result: unknown): string | null {
  return (result as { missed?: string } | undefined)?.missed ?? null;
}

function stepOf(argument: unknown): StepRef | undefined {
  const ref = argument as Partial<StepRef> | undefined;
  return ref?.phase !== undefined ? (ref as StepRef) : undefined;
}
