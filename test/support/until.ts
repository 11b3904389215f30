import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer is neither undefined, null nor false; throws the last error, or says what never came. */
export async function until<T>(what: string, ask: () => Promise<T> | T, withinMs = 15_000): Promise<NonNullable<T>> {
  let last: unknown;
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(50)) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
  }
  throw last ?? new Error(`${what}: not within ${withinMs} ms`);
}
