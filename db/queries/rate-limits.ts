import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from './rows.ts';

export const WINDOW_SECONDS = 60;

export interface Taken {
  key: string;
  /** Calls in the window, this one included. */
  used: number;
  /** Until the window ends, at least 1. */
  seconds: number;
}

/**
 * Counts calls, each under its keys, for all processes together and in one statement. Each is told what it would be told
 * had they come one after the other. Anybody may: it shows no row.
 */
export async function takeFrom(em: EntityManager, calls: string[][]): Promise<Taken[][]> {
  const keys = calls.flat();
  const taken = await sql<Taken>(
    em,
    `select key, used, greatest(1, ceil(extract(epoch from ends_at - now())))::int as seconds from rate_limit_take(array[${keys.map(() => '?').join()}]::text[], ?)`,
    [...keys, WINDOW_SECONDS],
  );
  const after = new Map(taken.map((it) => [it.key, it]));
  // From the last call back: it is the one that is told of all.
  return calls
    .toReversed()
    .map((of) => of.flatMap((key) => oneOf(after, key)))
    .toReversed();
}

function oneOf(after: Map<string, Taken>, key: string): Taken[] {
  const last = after.get(key);
  if (!last) return [];
  after.set(key, { ...last, used: last.used - 1 });
  return [last];
}
