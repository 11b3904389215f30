import type { Request, Response } from 'express';
import { AppError } from '../../core/app-error.ts';

const WINDOW_MS = 60_000;

/** Calls per key in the current minute, in this process. */
export function createLimiter(limit: number) {
  let counts = new Map<string, number>();
  let windowEnd = 0;

  return {
    /** Counts a call, tells the client where it stands, and throws RATE_LIMITED when it was one too many. */
    take(res: Response, key: string, now = Date.now()): void {
      if (now >= windowEnd) {
        counts = new Map();
        windowEnd = now + WINDOW_MS;
      }
      const used = (counts.get(key) ?? 0) + 1;
      counts.set(key, used);
      const remaining = Math.max(0, limit - used);
      const reset = Math.ceil((windowEnd - now) / 1000);
      announce(res, limit, remaining, reset);
      if (used <= limit) return;
      throw new AppError('RATE_LIMITED', `Too many requests; try again in ${reset} s.`, { retryAfterSeconds: reset });
    },
  };
}

export type Limiter = ReturnType<typeof createLimiter>;

/** Of several limits the client is told the one it will meet first. */
function announce(res: Response, limit: number, remaining: number, reset: number): void {
  const told = res.get('RateLimit-Remaining');
  if (told !== undefined && Number(told) <= remaining) return;
  res.set({ 'RateLimit-Limit': `${limit}`, 'RateLimit-Remaining': `${remaining}`, 'RateLimit-Reset': `${reset}` });
}

/** By address alone: were an e-mail address counted too, anybody could use up its owner's attempts. The guard counts those. */
export const loginKey = (req: Request): string => `address ${req.ip}`;
