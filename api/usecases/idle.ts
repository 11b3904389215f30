import { AppError } from '../../core/app-error.ts';
import { hasLiveJob } from '../../db/queries/job-views.ts';
import type { Change } from './change.ts';

/** Refuses while something is being done to the resource; the caller holds its row, so that nothing begins in between. */
export async function requireIdle({ em }: Change, targetId: string): Promise<void> {
  if (await hasLiveJob(em, targetId)) throw new AppError('JOB_RUNNING', 'Something is being done to it; see its jobs.');
}

/** Refuses what cannot be done in a state. */
export function requireState(status: string, allowed: readonly string[]): void {
  if (!allowed.includes(status)) throw new AppError('WRONG_STATE', `It is ${status}, not ${allowed.join(' or ')}.`);
}
