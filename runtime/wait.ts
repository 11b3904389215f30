import { setTimeout } from 'node:timers/promises';
import type { Logger } from './logger.ts';

/** Tries until it works; says what it waits for at once and then every half minute. For what a process needs to begin. */
export async function waitFor<T>(what: string, attempt: () => Promise<T>, log: Logger, stop?: AbortSignal): Promise<T> {
  let said = 0;
  for (let wait = 250; ; wait = Math.min(5_000, wait * 2)) {
    stop?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() - said > 30_000) {
        said = Date.now();
        log.warn({ reason: error instanceof Error ? error.message : String(error) }, `waiting for ${what}`);
      }
      await setTimeout(wait, undefined, stop ? { signal: stop } : {});
    }
  }
}
