/**
 * Splits an amount over weights without losing a unit: by the method of the largest remainder. Each share is its exact
 * quota rounded down or up; who is rounded up has the larger fraction, and of equal ones the earlier place. No share is
 * larger than its weight as long as the amount is not larger than their sum. All are integers ≥ 0.
 */
export function allocate(amount: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((total, weight) => total + BigInt(weight), 0n);
  if (whole === 0n) {
    if (amount !== 0) throw new RangeError(`${amount} cannot be split over nothing`);
    return weights.map(() => 0);
  }
  const quotas = weights.map((weight, place) => {
    const scaled = BigInt(amount) * BigInt(weight);
    return { place, share: scaled / whole, rest: scaled % whole };
  });
  const left = Number(quotas.reduce((total, { share }) => total - share, BigInt(amount)));
  const byRest = quotas.toSorted((a, b) => (a.rest === b.rest ? a.place - b.place : a.rest < b.rest ? 1 : -1));
  const favoured = new Set(byRest.slice(0, left).map(({ place }) => place));
  return quotas.map(({ place, share }) => Number(share) + (favoured.has(place) ? 1 : 0));
}

/** The same in whole coins. */
export function split(amount: number, weights: readonly number[], coin: number): number[] {
  return allocate(amount / coin, weights).map((coins) => coins * coin);
}
