/** The value below or at which this share of them lies (nearest rank); NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** Differences by key, of what has grown. */
export function grown<K extends string>(
  before: Partial<Record<K, number>>,
  after: Record<K, number>,
): Record<K, number> {
  const entries = Object.entries(after) as [K, number][];
  return Object.fromEntries(entries.map(([key, value]) => [key, value - (before[key] ?? 0)])) as Record<K, number>;
}

export function addTo(total: Record<string, number>, more: Record<string, number>): void {
  for (const [name, value] of Object.entries(more)) total[name] = (total[name] ?? 0) + value;
}
