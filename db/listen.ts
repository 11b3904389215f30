import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import pg from 'pg';
import type { Logger } from '../runtime/logger.ts';
import { sql } from './queries/rows.ts';

/** Where the triggers on jobs and steps tell the id of the stream that has something new. */
const CHANNEL = 'mpanel_live';
const RETRY_MS = 500;

/** One connection that hears, for a whole process, what commits anywhere. */
export interface Listener {
  /**
   * Calls `wake` when there may be something new on a topic: at word of it, and when the connection is back, since nobody
   * knows what was missed. Answers how to stop that.
   */
  on(topic: string, wake: () => void): () => void;
  close(): Promise<void>;
}

/** Says to every process that listens that there may be something new on a topic. */
export async function tell(em: EntityManager, topic: string): Promise<void> {
  await sql(em, 'select pg_notify(?, ?)', [CHANNEL, topic]);
}

/** Listens from now on, and again whenever the connection was lost. */
export function listen(url: string, logger: Logger): Listener {
  const wakes = new Map<string, Set<() => void>>();
  const stop = new AbortController();
  const wakeAll = (of: Iterable<Set<() => void>>) => {
    for (const set of of) for (const wake of set) wake();
  };

  async function hear(): Promise<void> {
    const client = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5_000 });
    // An error ends the connection, and the end is awaited below.
    client.on('error', () => undefined);
    client.on('notification', ({ payload = '' }) => wakeAll([wakes.get(payload) ?? new Set()]));
    try {
      await client.connect();
      const ended = once(client, 'end', { signal: stop.signal });
      await client.query(`listen ${CHANNEL}`);
      wakeAll(wakes.values());
      await ended;
    } finally {
      // What cannot be ended is gone already.
      await client.end().catch(() => undefined);
    }
  }

  async function keepHearing(): Promise<void> {
    while (!stop.signal.aborted) {
      await hear().catch((err: unknown) => {
        if (!stop.signal.aborted) logger.debug({ err }, 'cannot listen');
      });
      if (stop.signal.aborted) return;
      logger.warn('listening again: the connection was lost');
      await wait(RETRY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }

  const hearing = keepHearing();
  return {
    on(topic, wake) {
      const set = wakes.get(topic) ?? new Set();
      wakes.set(topic, set.add(wake));
      return () => {
        set.delete(wake);
        if (!set.size && wakes.get(topic) === set) wakes.delete(topic);
      };
    },
    async close() {
      stop.abort();
      await hearing;
    },
  };
}
