/** What stands in the list more than once. */
export function duplicates(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const name of names) (seen.has(name) ? again : seen).add(name);
  again.delete('');
  return [...again];
}

/** What the one has more often than the other. */
export function surplus(of: readonly string[], over: readonly string[]): string[] {
  const left = Map.groupBy(over, (name) => name);
  return of.filter((name) => left.get(name)?.pop() === undefined);
}
