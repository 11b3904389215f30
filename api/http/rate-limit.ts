import type { EntityManager } from '@mikro-orm/postgresql';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import ipaddr from 'ipaddr.js';
import { AppError } from '../../core/app-error.ts';
import { isConnectionLost } from '../../db/errors.ts';
import { type Taken, takeFrom, WINDOW_SECONDS } from '../../db/queries/rate-limits.ts';
import { batched } from '../../runtime/batched.ts';
import type { Config } from '../../runtime/config.ts';
import type { Logger } from '../../runtime/logger.ts';

/** A call that is to be counted under a key. */
interface Claim {
  key: string;
  limit: number;
}

/** Load balancers and Stripe come as often as they have reason to. */
const UNLIMITED = new Set(['/health', '/payments/stripe/webhook']);

/**
 * Calls a minute by address, tenant and login, counted for all API processes together in the database: one statement for
 * all that come while another is under way, none for a key that is known to be used up. While the database is away each
 * process counts for itself.
 */
export function createLimits(
  config: Pick<Config, 'RATE_LIMIT_ADDRESS' | 'RATE_LIMIT_TENANT' | 'RATE_LIMIT_LOGIN'>,
  fork: () => EntityManager,
  logger: Logger,
) {
  const usedUp = new Map<string, number>();
  const ownCount = createOwnCount();
  const take = batched((calls: string[][]) => takeFrom(fork(), calls));

  const addressOf = (req: Request): Claim[] =>
    UNLIMITED.has(req.path) ? [] : [{ key: `address ${networkOf(req.ip)}`, limit: config.RATE_LIMIT_ADDRESS }];
  // By address alone: were an e-mail address counted too, anybody could use up its owner's attempts. The guard counts those.
  const loginOf = (req: Request): Claim => ({
    key: `login address ${networkOf(req.ip)}`,
    limit: config.RATE_LIMIT_LOGIN,
  });

  /** Tells the client where it stands, and throws RATE_LIMITED when it was one too many. */
  function judge(res: Response, claims: Claim[], taken: Taken[]): void {
    let wait = 0;
    for (const { key, used, seconds } of taken) {
      const limit = claims.find((claim) => claim.key === key)?.limit ?? Number.POSITIVE_INFINITY;
      announce(res, limit, Math.max(0, limit - used), seconds);
      if (used <= limit) continue;
      usedUp.set(key, Date.now() + seconds * 1000);
      wait = Math.max(wait, seconds);
    }
    if (!wait) return;
    res.set('Retry-After', String(wait));
    throw new AppError('RATE_LIMITED', `Too many requests; try again in ${wait} s.`, { retryAfterSeconds: wait });
  }

  /** What is known to be used up needs no question. */
  function refuseUsedUp(res: Response, claims: Claim[]): void {
    const now = Date.now();
    for (const [key, end] of usedUp) if (end <= now) usedUp.delete(key);
    const known = claims.flatMap(({ key }): Taken[] => {
      const end = usedUp.get(key);
      return end ? [{ key, used: Number.MAX_SAFE_INTEGER, seconds: Math.ceil((end - now) / 1000) }] : [];
    });
    judge(res, claims, known);
  }

  async function count(res: Response, claims: Claim[]): Promise<void> {
    res.locals.counted = true;
    if (!claims.length) return;
    refuseUsedUp(res, claims);
    const keys = claims.map(({ key }) => key);
    const taken = await take(keys).catch((err: unknown) => {
      if (!isConnectionLost(err)) throw err;
      logger.debug({ err }, 'limits are counted here alone');
      return ownCount(keys);
    });
    judge(res, claims, taken);
  }

  const restOf = async (req: Request, res: Response) => {
    if (!res.locals.counted) await count(res, addressOf(req));
  };

  return {
    /** Before anything else: an address that has used its calls up costs nothing more. */
    first: ((req, res, next) => {
      refuseUsedUp(res, addressOf(req));
      next();
    }) satisfies RequestHandler,
    /** A request that has found its route, and whose caller is known if it has one. */
    take: (req: Request, res: Response, { tenantId, guarded }: { tenantId: string | undefined; guarded: boolean }) =>
      count(res, [
        ...addressOf(req),
        ...(tenantId ? [{ key: `tenant ${tenantId}`, limit: config.RATE_LIMIT_TENANT }] : []),
        ...(guarded ? [loginOf(req)] : []),
      ]),
    /** Whatever was refused before that counts as well. */
    rest: (async (req, res, next) => {
      await restOf(req, res);
      next();
    }) satisfies RequestHandler,
    failed: (async (error, req, res, next) => {
      await restOf(req, res);
      next(error);
    }) satisfies ErrorRequestHandler,
  };
}

export type Limits = ReturnType<typeof createLimits>;

/** Of several limits the client is told the one it will meet first. */
function announce(res: Response, limit: number, remaining: number, reset: number): void {
  const told = res.get('RateLimit-Remaining');
  if (told !== undefined && Number(told) <= remaining) return;
  res.set({ 'RateLimit-Limit': `${limit}`, 'RateLimit-Remaining': `${remaining}`, 'RateLimit-Reset': `${reset}` });
}

/** An IPv6 subscriber has a /64 at least, and each of its addresses costs nothing. */
export function networkOf(ip = ''): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address instanceof ipaddr.IPv4) return address.toString();
  return `${address.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

/** Calls by key in the current minute, of this process. */
function createOwnCount() {
  let counts = new Map<string, number>();
  let windowEnd = 0;
  return (keys: string[]): Taken[] => {
    const now = Date.now();
    if (now >= windowEnd) {
      counts = new Map();
      windowEnd = now + WINDOW_SECONDS * 1000;
    }
    return keys.map((key) => {
      const used = (counts.get(key) ?? 0) + 1;
      counts.set(key, used);
      return { key, used, seconds: Math.ceil((windowEnd - now) / 1000) };
    });
  };
}
