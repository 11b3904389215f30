import type { Collection } from '../lib/store.ts';
import { invalid, missing } from './error.ts';
import { integer, may, text } from './params.ts';

export interface List<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

export interface Page {
  limit: number | undefined;
  starting_after: string | undefined;
  ending_before: string | undefined;
}

/** Parameters of every list: docs.stripe.com/api/pagination. */
export const page = { limit: may(integer()), starting_after: may(text()), ending_before: may(text()) };

/** One page of what fits, newest first. */
export function listOf<T extends { id: string; object: string }>(
  rows: Collection<T>,
  { limit = 10, starting_after, ending_before }: Page,
  fits: (row: T) => boolean,
  url: string,
): List<T> {
  if (limit < 1 || limit > 100)
    throw invalid('Invalid limit: must be between 1 and 100', 'limit', 'parameter_invalid_integer');
  const all = rows.values().filter(fits).reverse();
  if (ending_before) {
    const before = all.slice(0, indexOf(rows, all, ending_before, 'ending_before'));
    return { object: 'list', data: before.slice(-limit), has_more: before.length > limit, url };
  }
  const from = starting_after ? indexOf(rows, all, starting_after, 'starting_after') + 1 : 0;
  const data = all.slice(from, from + limit);
  return { object: 'list', data, has_more: from + data.length < all.length, url };
}

function indexOf<T extends { id: string; object: string }>(
  rows: Collection<T>,
  all: T[],
  id: string,
  param: string,
): number {
  const index = all.findIndex((row) => row.id === id);
  if (index < 0) throw missing(rows.values()[0]?.object ?? 'object', id, param, 400);
  return index;
}
