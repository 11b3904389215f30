import { setTimeout } from 'node:timers/promises';
import type { Logger } from './logger.ts';

/** Resolves once the signal is given, also where that was before. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}

/** What work comes to, unless the signal is given first: then its reason is thrown at once. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const stopped = aborted(signal).then((): never => {
    throw signal.reason;
  });
  return Promise.race([stopped, work]);
}

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
