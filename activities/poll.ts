import { setTimeout } from 'node:timers/promises';
import { asyncLocalStorage } from '@temporalio/activity';

/** Stops what is under way when the worker shuts down or the workflow gives up; undefined outside a worker. */
export function stopSignal(): AbortSignal | undefined {
  return asyncLocalStorage.getStore()?.cancellationSignal;
}

/**
 * Asks until there is an answer. Waits 100 ms at first, then a quarter of the time already waited, up to 5 s: who answers
 * at once is not kept waiting, who is slow is not pestered. Undefined after `deadlineMs`.
 */
export async function poll<T>(ask: () => Promise<T | undefined>, deadlineMs: number): Promise<T | undefined> {
  const began = Date.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const waited = Date.now() - began;
    if (waited >= deadlineMs) return undefined;
    await setTimeout(Math.min(5_000, Math.max(100, waited / 4)), undefined, { signal: stopSignal() });
  }
}
