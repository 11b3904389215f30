import { AppError } from '../../../core/app-error.ts';
import { forgive, takeAttempt } from '../../../db/queries/sign-in-guard.ts';
import type { Anonymous } from '../../context.ts';
import { networkOf } from '../../http/rate-limit.ts';

/**
 * Makes an attempt at an account; undefined is a failed one. Throws RATE_LIMITED where too many of them failed, whether
 * or not anybody has the account.
 */
export async function guarded<T>(
  ctx: Anonymous,
  account: string,
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  // Outside of any transaction: what failed stays counted.
  const em = ctx.em.fork();
  const key = { account, address: networkOf(ctx.address) };
  const seconds = await takeAttempt(em, key);
  if (seconds > 0)
    throw new AppError('RATE_LIMITED', `Too many attempts failed; try again in ${seconds} s.`, {
      retryAfterSeconds: seconds,
    });
  const result = await attempt();
  if (result !== undefined) await forgive(em, key);
  return result;
}
