/**
 * `amount × numerator ÷ denominator` in whole minor units, half of one rounded up. Exact: no fraction is ever a float.
 * All three are integers ≥ 0, the denominator > 0.
 */
export function portion(amount: number, numerator: number, denominator: number): number {
  const dividend = BigInt(amount) * BigInt(numerator);
  const divisor = BigInt(denominator);
  return Number((2n * dividend + divisor) / (2n * divisor));
}
