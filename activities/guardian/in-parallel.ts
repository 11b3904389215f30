/** Does something with each, so many at a time; answers in the order of the things. */
export async function inParallel<T, R>(
  things: readonly T[],
  limit: number,
  work: (thing: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = things.entries();
  const turns = Array.from({ length: Math.min(limit, things.length) }, async () => {
    for (const [at, thing] of left) results[at] = await work(thing);
  });
  await Promise.all(turns);
  return results;
}
