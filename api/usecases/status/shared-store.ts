import { setTimeout as wait } from 'node:timers/promises';
import { tell } from '../../../db/listen.ts';
import { takeFrom } from '../../../db/queries/rate-limits.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';

const DEADLINE_MS = 1_000;

/** Whether what processes share works now: a call is counted, and word sent through the database comes back to us. */
export async function storeWorks({ em, live }: Pick<Context, 'em' | 'live'>): Promise<boolean> {
  const topic = `probe ${newId()}`;
  const heard = Promise.withResolvers<boolean>();
  const off = live.on(topic, () => heard.resolve(true));
  const late = new AbortController();
  try {
    await takeFrom(em, [['probe']]);
    await tell(em, topic);
    return await Promise.race([heard.promise, wait(DEADLINE_MS, false, { signal: late.signal })]);
  } catch {
    // Whatever it was: it does not work now, and that is what was asked.
    return false;
  } finally {
    off();
    late.abort();
  }
}
