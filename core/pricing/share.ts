/** What is written down of a price: the rest follows. Minor units. */
export interface Written {
  price: number;
  discount: number;
  tax: number;
}

/** Net and charge of a price that was written down; `included`: listed with its tax. */
export function shareOf({ price, discount, tax }: Written, included: boolean): { net: number; charged: number } {
  const left = price - discount;
  return included ? { net: left - tax, charged: left } : { net: left, charged: left + tax };
}
