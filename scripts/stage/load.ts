import { setTimeout as sleep } from 'node:timers/promises';

/** Does `work` `count` times, `inFlight` at once, each followed at once by the next. Answers the seconds it took. */
export async function closedLoop(count: number, inFlight: number, work: (index: number) => Promise<void>) {
  let next = 0;
  const began = performance.now();
  const client = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, client));
  return (performance.now() - began) / 1000;
}

/** Begins `work` `count` times at a fixed rate, however long each takes. */
export async function openLoop(count: number, perSecond: number, work: (index: number) => Promise<void>) {
  const began = performance.now();
  const all: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    await sleep(Math.max(0, began + (index * 1000) / perSecond - performance.now()));
    all.push(work(index));
  }
  await Promise.all(all);
}

/** Milliseconds that it took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
