import type { EntityManager } from '@mikro-orm/postgresql';
import { coinOf } from '../../core/money.ts';
import { placeOf } from '../../core/pricing/place.ts';
import { type TaxCategory, taxOf } from '../../core/pricing/rate.ts';
import { vatNumber } from '../../core/pricing/vat-number.ts';
import { type Customer, TaxRate, Tenant } from '../entities/index.ts';

/** How a customer's purchase is taxed. */
export interface Taxation {
  /** Whether the seller's prices are listed with tax. */
  listedWithTax: boolean;
  reverseCharge: boolean;
  /** What is charged, in millionths. */
  rateOf(category: TaxCategory): number;
  /** What a listed price is for this buyer: one who owes the tax does not pay the tax that it includes. */
  priceOf(listed: number, of: { category: TaxCategory; listedWithTax: boolean; currency: string }): number;
}

/** Whether VIES knows its number, and it is of the country that the customer is in. */
function isBusiness({ vatId, vatStatus, address }: Customer): boolean {
  return vatStatus === 'valid' && !!vatId && vatNumber(vatId).country === address?.country;
}

/** By the rates in force on the day of `at`, in UTC. */
export async function taxationOf(em: EntityManager, customer: Customer, at: Date): Promise<Taxation> {
  const seller = await em.findOneOrFail(Tenant, { id: customer.tenantId });
  const { countries, reverseCharge } = placeOf({
    seller: seller.country ?? null,
    buyer: customer.address?.country ?? null,
    business: isBusiness(customer),
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
    listedWithTax: seller.pricesIncludeTax,
    reverseCharge,
    rateOf: (category) => (reverseCharge ? 0 : (inForce(category)?.rate ?? 0)),
    priceOf: (listed, { category, listedWithTax, currency }) =>
      reverseCharge && listedWithTax
        ? listed - taxOf(listed, inForce(category)?.rate ?? 0, true, coinOf(currency))
        : listed,
  };
}
