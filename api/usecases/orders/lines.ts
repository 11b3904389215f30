import { sum } from '../../../core/money.ts';
import type { BillingCycle } from '../../../core/period.ts';
import type { Product } from '../../../db/entities/index.ts';

interface Unit {
  product: Product;
  cycle: BillingCycle;
  price: number;
  discount: number;
  tax: number;
  rate: number;
  added: { about: string };
}

export interface Line {
  description: string;
  quantity: number;
  unitPrice: number;
  /** As listed; what is taken off it and put on it follows. */
  total: number;
  discount: number;
  tax: number;
  /** In millionths. */
  taxRate: number;
}

export const titleOf = ({ product, cycle }: Pick<Unit, 'product' | 'cycle'>): string => `${product.name} - ${cycle}`;

/** Lines of an invoice: units of one product at one price are one line; a domain is a line of its own. */
export function groupLines(units: readonly Unit[]): Line[] {
  const groups = Map.groupBy(units, (unit) => `${unit.product.id} ${unit.price} ${unit.rate} ${describe(unit)}`);
  return [...groups.values()].map((group) => {
    const [first] = group as [Unit];
    const of = (part: 'price' | 'discount' | 'tax') => sum(group.map((unit) => unit[part]));
    return {
      description: describe(first),
      quantity: group.length,
      unitPrice: first.price,
      total: of('price'),
      discount: of('discount'),
      tax: of('tax'),
      taxRate: first.rate,
    };
  });
}

function describe(unit: Unit): string {
  const named = unit.product.type === 'domain' || unit.product.type === 'email';
  return named ? `${titleOf(unit)}: ${unit.added.about}` : titleOf(unit);
}
