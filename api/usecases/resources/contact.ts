import { invalid } from '../../../core/app-error.ts';
import type { Customer } from '../../../db/entities/index.ts';
import type { Contact } from '../orders/item-config.ts';

/**
 * A registrant as EPP wants it (RFC 5733), completed from the customer's own data. Throws 422 naming what is missing.
 */
export function completeContact(given: Contact | undefined, customer: Customer, path: (string | number)[]) {
  const address = given?.address ?? customer.address;
  if (!address?.city) throw invalid([...path, 'address', 'city'], 'is needed: the customer has no address');
  if (!address.country) throw invalid([...path, 'address', 'country'], 'is needed: the customer has no address');
  const phone = given?.phone ?? eppPhone(customer.phone);
  return {
    name: given?.name ?? customer.name,
    ...(given?.organization ? { organization: given.organization } : {}),
    email: given?.email ?? customer.email,
    ...(phone ? { phone } : {}),
    street: [address.line1, ...(address.line2 ? [address.line2] : [])],
    city: address.city,
    ...(address.state ? { state: address.state } : {}),
    ...(address.postalCode ? { postalCode: address.postalCode } : {}),
    countryCode: address.country,
  };
}

/** +1-555-1234 → +1.5551234; undefined where the country code cannot be told from the rest: the number is optional. */
function eppPhone(phone: string | null | undefined): string | undefined {
  const [, country, rest] = /^\+(\d{1,3})[ ().-]+(.+)$/.exec(phone ?? '') ?? [];
  const digits = rest?.replace(/\D/g, '');
  return country && digits ? `+${country}.${digits.slice(0, 14)}` : undefined;
}
