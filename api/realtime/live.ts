import { AppError } from '../../core/app-error.ts';
import { type Listener, listen } from '../../db/listen.ts';
import type { Config } from '../../runtime/config.ts';
import type { Logger } from '../../runtime/logger.ts';

/** The streams that this process serves, and what wakes them. */
export interface Live extends Pick<Listener, 'on'> {
  /** Runs a stream of a user until it is done; its signal says that the process stops. Throws RATE_LIMITED above the limit. */
  during(userId: string, stream: (stopping: AbortSignal) => Promise<void>): Promise<void>;
  /** Ends all streams, begins no other, and stops listening. */
  close(): Promise<void>;
}

export function createLive(config: Pick<Config, 'DATABASE_URL' | 'STREAMS_PER_USER'>, logger: Logger): Live {
  const listener = listen(config.DATABASE_URL, logger);
  const open = new Map<string, number>();
  const stop = new AbortController();
  const count = (userId: string, by: number) => {
    const now = (open.get(userId) ?? 0) + by;
    if (now) open.set(userId, now);
    else open.delete(userId);
  };
  return {
    on: listener.on,
    async during(userId, stream) {
      if ((open.get(userId) ?? 0) >= config.STREAMS_PER_USER)
        throw new AppError('RATE_LIMITED', `You follow ${config.STREAMS_PER_USER} streams already; close one.`);
      count(userId, 1);
      try {
        await stream(stop.signal);
      } finally {
        count(userId, -1);
      }
    },
    async close() {
      stop.abort();
      await listener.close();
    },
  };
}
