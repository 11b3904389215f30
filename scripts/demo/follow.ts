import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from './api.ts';
import { DemoFailure } from './failure.ts';
import { hasEnded, type JobView, jobReader } from './jobs.ts';
import { Progress } from './progress.ts';
import type { Screen } from './screen.ts';

/** How often it looks: brisk as long as one watches, and below the API's limit of requests when it takes longer. */
const pace = (passedMs: number) => (passedMs < 30_000 ? 250 : 1000);
const LONGEST_MS = 10 * 60_000;

export interface Followed {
  api: Api;
  /** Of the order; its children are followed with it. */
  jobId: string;
  /** Epoch milliseconds that elapsed times count from. */
  since: number;
}

/**
 * Shows an order's jobs step by step until the order's own has ended; answers how many milliseconds after `since` that
 * was. Throws DemoFailure when it ends otherwise than completed, or not within ten minutes.
 */
export async function follow({ api, jobId, since }: Followed, screen: Screen, signal: AbortSignal): Promise<number> {
  const read = jobReader(api, jobId);
  const progress = new Progress(screen, since);
  try {
    for (;;) {
      const jobs = await read();
      progress.show(jobs);
      const [order] = jobs;
      if (order && hasEnded(order)) return duration(order, since);
      const passed = Date.now() - since;
      if (passed > LONGEST_MS) throw new DemoFailure(`The order takes longer than ${LONGEST_MS / 60_000} min.`);
      await sleep(pace(passed), undefined, { signal });
    }
  } finally {
    screen.live([]);
  }
}

function duration({ status, reason, endedAt }: JobView, since: number): number {
  if (status !== 'completed') throw new DemoFailure(`The order was not delivered: ${status}, ${reason}`);
  return Date.parse(String(endedAt)) - since;
}
