// Member states of the European Union, by ISO 3166-1; Monaco counts as France for VAT. As of 2026-01-01.
const UNION = new Set('AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK'.split(' '));

export const inUnion = (country: string): boolean => UNION.has(country);

/** What decides where a sale is taxed. Countries are ISO 3166-1 alpha-2. */
export interface Parties {
  /** Null: the seller charges no tax at all. */
  seller: string | null;
  /** Null: not known, taken to be the seller's. */
  buyer: string | null;
  /** The buyer is a business with a VAT number of its country that was found valid. */
  business: boolean;
}

/** Countries whose rate is meant, the first that has one; none where the seller charges no tax at all. */
export interface Place {
  countries: string[];
  /** The buyer owes the tax (Article 196 of Directive 2006/112/EC): the seller charges none. */
  reverseCharge: boolean;
}

/**
 * Where a service delivered over the network is taxed: where its buyer is (Article 58), but for a business in another
 * member state, which owes the tax itself. Within the Union a seller who has no rate of the buyer's country takes its
 * own, as it may below the threshold of Article 59c; outside, there is then no tax.
 */
export function placeOf({ seller, buyer, business }: Parties): Place {
  if (!seller) return { countries: [], reverseCharge: false };
  const country = buyer ?? seller;
  const across = country !== seller && inUnion(seller) && inUnion(country);
  return { countries: across ? [country, seller] : [country], reverseCharge: across && business };
}
