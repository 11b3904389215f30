import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Response } from 'express';
import { AppError } from '../../core/app-error.ts';
import { isConnectionLost } from '../../db/errors.ts';
import type { Feed, Told } from './feed.ts';

/** How long a client may leave what it was sent unread. It finds the rest by the id of the last event it got. */
const SLOW_MS = 30_000;
const DATABASE_AWAY_MS = 1_000;
/** After how long a client is to come back. When a process stops, its clients come back spread over some seconds. */
const RETRY_MS = 2_000;
const STOPPED_RETRY_MS = 5_000;

export interface Playing {
  feed: Feed;
  /** Id of the last event the client has, if it has any. */
  after: number | undefined;
  heartbeatMs: number;
  on(topic: string, wake: () => void): () => void;
  em(): EntityManager;
  /** Throws when the caller may not follow any longer. */
  recheck(): Promise<void>;
  /** Throws where an event is not what its schema says. */
  check(data: unknown): void;
  /** Aborted when the process stops. */
  stopping: AbortSignal;
}

/**
 * Tells a feed as server-sent events until it ends. Nothing is read before the client has taken what was read before it,
 * so that a slow one costs no more memory than a page. A client that comes back to a feed that has ended gets 204, which
 * tells its browser to stay away (HTML, section 9.2).
 */
export async function play(res: Response, { feed, after, ...playing }: Playing): Promise<void> {
  const bell = createBell();
  const off = playing.on(feed.topic, bell.ring);
  const signal = AbortSignal.any([playing.stopping, closing(res)]);
  try {
    let last = after ?? 0;
    let page = await feed.read(playing.em(), last);
    if (after !== undefined && page.ended && !page.events.length) return void res.status(204).end();
    begin(res);
    if (res.req.method === 'HEAD') return void res.end();
    for (let due = Date.now() + playing.heartbeatMs; ; page = await patiently(() => feed.read(playing.em(), last))) {
      for (const told of page.events) {
        playing.check(told.data);
        await write(res, frame(told), signal);
        last = told.id;
      }
      if (page.more) continue;
      if (page.ended) return void res.end('event: end\ndata: {}\n\n');
      if (Date.now() >= due) {
        await patiently(playing.recheck);
        await write(res, ':\n\n', signal);
        due = Date.now() + playing.heartbeatMs;
      }
      await bell.rung(Math.max(0, due - Date.now()), signal);
    }
  } catch (error) {
    if (!res.headersSent) throw error;
    if (playing.stopping.aborted) res.end(`retry: ${Math.round(STOPPED_RETRY_MS * (0.2 + Math.random()))}\n\n`);
    else if (error instanceof AppError) res.end();
    else if (!signal.aborted && !res.destroyed) throw error;
  } finally {
    off();
  }

  /** A database that is away for a while ends no stream. */
  async function patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
        await wait(DATABASE_AWAY_MS, undefined, { signal });
      }
    }
  }
}

function begin(res: Response): void {
  res.status(200).setHeader('Content-Type', 'text/event-stream');
  res.setHeader('X-Accel-Buffering', 'no');
  res.flushHeaders();
  res.write(`retry: ${RETRY_MS}\n\n`);
}

const frame = ({ id, event, data }: Told) => `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

async function write(res: Response, text: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (res.write(text)) return;
  const slow = AbortSignal.timeout(SLOW_MS);
  try {
    await once(res, 'drain', { signal: AbortSignal.any([signal, slow]) });
  } catch (error) {
    if (slow.aborted) res.destroy();
    throw error;
  }
}

function closing(res: Response): AbortSignal {
  const closed = new AbortController();
  res.once('close', () => closed.abort());
  return closed.signal;
}

/** Rung any number of times it wakes once; rung while nobody waits it wakes the next who does. */
function createBell() {
  let rang = false;
  let wake: (() => void) | undefined;
  return {
    ring(): void {
      rang = true;
      wake?.();
    },
    async rung(withinMs: number, signal: AbortSignal): Promise<void> {
      signal.throwIfAborted();
      if (!rang) {
        await new Promise<void>((done) => {
          const timer = setTimeout(done, withinMs);
          wake = () => {
            clearTimeout(timer);
            done();
          };
          signal.addEventListener('abort', wake, { once: true });
        });
        signal.removeEventListener('abort', wake as () => void);
        wake = undefined;
      }
      rang = false;
      signal.throwIfAborted();
    },
  };
}
