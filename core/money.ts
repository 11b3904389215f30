/** An amount in the currency's minor units (cents, yen). */
export type Minor = number & { readonly __minor: unique symbol };

// ISO 4217 currencies whose minor unit is not a hundredth. As of 2026-01-01.
const DIGITS: Readonly<Record<string, number>> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3,
}; // biome-ignore format: a table

/** Digits after the decimal point of an ISO 4217 currency. */
export function currencyDigits(currency: string): number {
  return DIGITS[currency] ?? 2;
}

/**
 * The smallest amount that a card can be charged in a currency, in minor units: those of three digits go in tens
 * (docs.stripe.com/currencies#three-decimal).
 */
export function coinOf(currency: string): number {
  return currencyDigits(currency) === 3 ? 10 : 1;
}

/** 9.99 USD → 999. Throws RangeError for more digits than the currency has. */
export function toMinor(amount: number, currency: string): Minor {
  if (!isAmount(amount, currency)) throw new RangeError(`${amount} is not an amount of ${currency}`);
  return Math.round(amount * 10 ** currencyDigits(currency)) as Minor;
}

/** Whether an amount has no more digits than its currency. */
export function isAmount(amount: number, currency: string): boolean {
  const scaled = amount * 10 ** currencyDigits(currency);
  return Number.isSafeInteger(Math.round(scaled)) && Math.abs(scaled - Math.round(scaled)) <= 1e-6;
}

/** 999 USD → 9.99, for the edge of a contract. */
export function toDecimal(minor: number, currency: string): number {
  return minor / 10 ** currencyDigits(currency);
}

/** 999 USD → "9.99 USD", for mails and logs. */
export function formatMoney(minor: number, currency: string): string {
  return `${toDecimal(minor, currency).toFixed(currencyDigits(currency))} ${currency}`;
}

export function sum(amounts: readonly number[]): Minor {
  return amounts.reduce((total, amount) => total + amount, 0) as Minor;
}
