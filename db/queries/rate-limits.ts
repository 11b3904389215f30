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

/** Counts a call under each key, for all processes together, in one statement. Anybody may: it shows no row. */
export function takeFrom(em: EntityManager, keys: string[]): Promise<Taken[]> {
  return sql(
    em,
    `select key, used, greatest(1, ceil(extract(epoch from ends_at - now())))::int as seconds from rate_limit_take(array[${keys.map(() => '?').join()}]::text[], ?)`,
    [...keys, WINDOW_SECONDS],
  );
}
