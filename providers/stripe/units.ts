// docs.stripe.com/currencies#special-cases: króna and Uganda shilling are sent in hundredths that do not exist, and the
// ariary, of which ISO 4217 has two digits, whole.
const TIMES: Readonly<Record<string, number>> = { isk: 100, ugx: 100 };
const PARTS: Readonly<Record<string, number>> = { mga: 100 };

/** Minor units by ISO 4217 → as Stripe counts them; the currency in lower case. */
export const toStripe = (amount: number, currency: string): number =>
  (amount * (TIMES[currency] ?? 1)) / (PARTS[currency] ?? 1);

export const fromStripe = (amount: number, currency: string): number =>
  (amount * (PARTS[currency] ?? 1)) / (TIMES[currency] ?? 1);
