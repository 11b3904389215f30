import { invalid } from './error.ts';

// docs.stripe.com/currencies, November 2026.
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
const TWO_DECIMALS_ALWAYS_ZERO = new Set(['isk', 'ugx']);
const THREE_DECIMAL = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd']);
const LARGEST = 99_999_999;
const SMALLEST = 50;
const CURRENCIES = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()));

export function checkCurrency(given: string, param: string): string {
  const currency = given.toLowerCase();
  if (!CURRENCIES.has(currency))
    throw invalid(
      `Invalid currency: ${given}. Stripe currently supports the currencies listed at https://stripe.com/docs/currencies`,
      param,
    );
  return currency;
}

/** Refuses an amount that Stripe cannot charge in this currency. The minimum is about 0.50 USD, whatever the currency. */
export function checkAmount(amount: number, currency: string, param: string): void {
  const smallest = ZERO_DECIMAL.has(currency) ? SMALLEST : THREE_DECIMAL.has(currency) ? SMALLEST * 10 : SMALLEST;
  if (amount < smallest)
    throw invalid(`Amount must be at least ${display(smallest, currency)}`, param, 'amount_too_small');
  if (amount > LARGEST)
    throw invalid(`Amount must be no more than ${display(LARGEST, currency)}`, param, 'amount_too_large');
  const coarse = TWO_DECIMALS_ALWAYS_ZERO.has(currency) ? 100 : THREE_DECIMAL.has(currency) ? 10 : 1;
  if (amount % coarse !== 0)
    throw invalid(
      `Invalid amount: ${currency.toUpperCase()} amounts must be a multiple of ${coarse}`,
      param,
      'invalid_charge_amount_no_decimal_compatible',
    );
}

/** The amount for a person, such as "€12.50". */
export function display(amount: number, currency: string): string {
  const digits = ZERO_DECIMAL.has(currency) ? 0 : THREE_DECIMAL.has(currency) ? 3 : 2;
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(amount / 10 ** digits);
}
