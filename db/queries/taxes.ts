import type { EntityManager } from '@mikro-orm/postgresql';
import { placeOf } from '../../core/pricing/place.ts';
import type { TaxCategory } from '../../core/pricing/rate.ts';
import { type Customer, TaxRate, Tenant } from '../entities/index.ts';

/** How a customer's purchase is taxed. */
export interface Taxation {
  /** Whether the seller's listed prices are with tax. */
  included: boolean;
  reverseCharge: boolean;
  /** In millionths. */
  rateOf(category: TaxCategory): number;
}

/** By the rates in force on the day of `at`, in UTC. */
export async function taxationOf(em: EntityManager, customer: Customer, at: Date): Promise<Taxation> {
  const seller = await em.findOneOrFail(Tenant, { id: customer.tenantId });
  const { countries, reverseCharge } = placeOf({
    seller: seller.country ?? null,
    buyer: customer.address?.country ?? null,
    business: false,
  });
  const rates = await em.find(
    TaxRate,
    { tenantId: seller.id, country: { $in: countries }, validFrom: { $lte: at.toISOString().slice(0, 10) } },
    { orderBy: { validFrom: 'desc' } },
  );
  const inForce = (category: TaxCategory) =>
    countries
      .map((country) => rates.find((rate) => rate.country === country && rate.category === category))
      .find((rate) => rate !== undefined);
  return {
    included: seller.pricesIncludeTax,
    reverseCharge,
    rateOf: (category) => inForce(category)?.rate ?? 0,
  };
}
