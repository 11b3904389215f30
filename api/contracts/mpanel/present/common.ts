/** A moment as the contract writes it: ISO 8601, UTC. */
export const moment = (date: Date | null | undefined): string | null => date?.toISOString() ?? null;

/** A page of rows, presented. */
export function presentPage<T, P>(
  { items, ...totals }: { items: T[]; total: number; totalIsEstimate?: true },
  present: (row: T) => P,
) {
  return { items: items.map(present), ...totals };
}
