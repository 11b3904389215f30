/**
 * What a cart comes to, in exact fractions, written from docs/pricing.md without looking at core/pricing: slow, and with
 * nothing but rational numbers.
 */
export class Fraction {
  readonly top: bigint;
  readonly bottom: bigint;

  constructor(top: bigint, bottom = 1n) {
    this.top = top;
    this.bottom = bottom;
  }
  static of = (value: number) => new Fraction(BigInt(value));
  plus = (other: Fraction) =>
    new Fraction(this.top * other.bottom + other.top * this.bottom, this.bottom * other.bottom);
  minus = (other: Fraction) => this.plus(other.times(Fraction.of(-1)));
  times = (other: Fraction) => new Fraction(this.top * other.top, this.bottom * other.bottom);
  over = (other: Fraction) => new Fraction(this.top * other.bottom, this.bottom * other.top);
  below = (other: Fraction) => this.top * other.bottom < other.top * this.bottom;
  floor = () => Number(this.top / this.bottom);
  halfUp = () => this.plus(new Fraction(1n, 2n)).floor();
}

export interface CartLine {
  price: number;
  rate: number;
  discounted: boolean;
}
export interface Cart {
  lines: CartLine[];
  included: boolean;
  /** Everything is a multiple of it. */
  coin: number;
  discount: { kind: 'percent'; share: number } | { kind: 'fixed'; amount: number } | null;
}

const total = (numbers: number[]) => numbers.reduce((sum, one) => sum + one, 0);
const inCoins = (exact: Fraction, coin: number) => exact.over(Fraction.of(coin)).halfUp() * coin;
const PER_UNIT = Fraction.of(1_000_000);

/** One unit at a time to whoever is furthest below what he ought to have, the first of equals. */
function deal(money: number, weights: number[], coin: number): number[] {
  const amount = money / coin;
  const whole = Fraction.of(total(weights));
  if (whole.top === 0n) return weights.map(() => 0);
  const ought = weights.map((weight) => Fraction.of(weight).times(Fraction.of(amount)).over(whole));
  const has = ought.map((share) => share.floor());
  const rest = ought.map((share, at) => share.minus(Fraction.of(has[at]!)));
  for (let left = amount - total(has); left > 0; left--) {
    let best = 0;
    for (let at = 1; at < rest.length; at++) if (rest[best]!.below(rest[at]!)) best = at;
    has[best]!++;
    rest[best] = Fraction.of(-1);
  }
  return has.map((coins) => coins * coin);
}

function discountOf({ lines, discount, coin }: Cart): number[] {
  const weights = lines.map((line) => (line.discounted ? line.price : 0));
  if (!discount) return weights.map(() => 0);
  const whole = total(weights);
  const off =
    discount.kind === 'percent'
      ? inCoins(Fraction.of(whole).times(Fraction.of(discount.share).over(PER_UNIT)), coin)
      : Math.min(discount.amount, whole);
  return deal(off, weights, coin);
}

/** What is charged for each line, and of it the tax. */
export function expected(cart: Cart): { charged: number[]; tax: number[]; discount: number[]; total: number } {
  const discount = discountOf(cart);
  const amounts = cart.lines.map((line, at) => line.price - discount[at]!);
  const tax = amounts.map(() => 0);
  for (const rate of cart.lines.map((line) => line.rate)) {
    const weights = amounts.map((amount, at) => (cart.lines[at]!.rate === rate ? amount : 0));
    const part = Fraction.of(rate).over(PER_UNIT);
    const exact = Fraction.of(total(weights)).times(cart.included ? part.over(part.plus(Fraction.of(1))) : part);
    deal(inCoins(exact, cart.coin), weights, cart.coin).forEach((share, at) => {
      if (cart.lines[at]!.rate === rate) tax[at] = share;
    });
  }
  const charged = amounts.map((amount, at) => (cart.included ? amount : amount + tax[at]!));
  return { charged, tax, discount, total: total(charged) };
}
