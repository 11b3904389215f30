import type { EntityManager } from '@mikro-orm/postgresql';
import { hashToken } from '../../runtime/token.ts';
import { asPlatform } from '../tenant-scope.ts';
import { sql } from './rows.ts';

const REASON = 'an account that is tried may be nobody’s';
/** Failures that cost nothing, from one address and from all together. */
const FREE = { address: 5, anywhere: 20 };
/** The longest wait, in seconds: whoever makes others fail on purpose keeps nobody out for longer. */
const LONGEST = 900;
/** An address that signed in here is not held up by failures elsewhere for so many days. */
const KNOWN_DAYS = 30;

export interface Attempt {
  /** What is tried: an e-mail address, or what else stands for a login. */
  account: string;
  address: string;
}

const keyOf = (account: string) => hashToken(account.toLowerCase());

/**
 * Counts an attempt as failed before it is made, so that many at once are not worth more than one after another. Answers
 * the seconds to wait where it may not be made now: doubling with each failure, for accounts that nobody has as well.
 */
export function takeAttempt(em: EntityManager, { account, address }: Attempt): Promise<number> {
  const key = keyOf(account);
  return asPlatform(REASON, async () => {
    const wait = await take(em, key, address, FREE.address);
    if (wait > 0 || (await isKnown(em, key, address))) return wait;
    return take(em, key, '', FREE.anywhere);
  });
}

/** The attempt succeeded: nothing is counted against this address, nor against the account. */
export function forgive(em: EntityManager, { account, address }: Attempt): Promise<void> {
  return asPlatform(REASON, async () => {
    const key = keyOf(account);
    await sql(
      em,
      `update sign_in_guard set failures = 0, blocked_until = null, changed_at = now(),
         succeeded_at = case when address = '' then null else now() end
       where account = ? and address in (?, '')`,
      [key, address],
    );
  });
}

/** Lets an account be tried anew from everywhere: its owner was recognised by other means. */
export function forgiveEverywhere(em: EntityManager, account: string): Promise<void> {
  return asPlatform(REASON, async () => {
    await sql(em, 'update sign_in_guard set failures = 0, blocked_until = null where account = ?', [keyOf(account)]);
  });
}

async function take(em: EntityManager, key: string, address: string, free: number): Promise<number> {
  const taken = await sql(
    em,
    `insert into sign_in_guard as g (account, address, failures, changed_at) values (?, ?, 1, now())
     on conflict (account, address) do update set changed_at = now(),
       failures = case when g.changed_at < now() - interval '1 day' then 1 else g.failures + 1 end,
       blocked_until = case when g.changed_at >= now() - interval '1 day' and g.failures + 1 >= ?
         then now() + make_interval(secs => least(${LONGEST}, power(2, least(g.failures + 1 - ?, 20)))) end
     where g.blocked_until is null or g.blocked_until <= now()
     returning 1`,
    [key, address, free, free],
  );
  if (taken.length) return 0;
  const [row] = await sql<{ seconds: number }>(
    em,
    `select greatest(1, ceil(extract(epoch from blocked_until - now())))::int as seconds
     from sign_in_guard where account = ? and address = ?`,
    [key, address],
  );
  return row?.seconds ?? 1;
}

async function isKnown(em: EntityManager, key: string, address: string): Promise<boolean> {
  const rows = await sql(
    em,
    `select 1 from sign_in_guard where account = ? and address = ? and succeeded_at > now() - make_interval(days => ${KNOWN_DAYS})`,
    [key, address],
  );
  return rows.length > 0;
}
