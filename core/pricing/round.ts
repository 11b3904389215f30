/**
 * `amount × numerator ÷ denominator` in whole coins of so many minor units, half a coin rounded up. Exact: no fraction is
 * ever a float. All are integers ≥ 0, denominator and coin > 0.
 */
export function portion(amount: number, numerator: number, denominator: number, coin: number): number {
  const dividend = BigInt(amount) * BigInt(numerator);
  const divisor = BigInt(denominator) * BigInt(coin);
  return Number((2n * dividend + divisor) / (2n * divisor)) * coin;
}
