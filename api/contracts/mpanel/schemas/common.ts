import { z } from 'zod';
import { isPayable } from '../../../../core/money.ts';
import { BILLING_CYCLES } from '../../../../core/period.ts';
import { inUnion } from '../../../../core/pricing/place.ts';
import { vatNumber } from '../../../../core/pricing/vat-number.ts';

/** Shapes that the contract's answers are made of. What the document does not show is a declared addition. */

export const uuid = z.uuid();

export const timestamp = z.iso.datetime();
export const money = z.number();

/** Tax in per cent. */
export const percent = z.number().min(0).max(100);

export const currency = z.string().length(3);
export const nullableUuid = uuid.nullable();
export const nullableTime = timestamp.nullable();
export const empty = z.undefined();

/** A page of a list. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    items: z.array(item),
    total: z.number().int(),
    /** Present when there are more than 10,000 and the total is the planner's guess. */
    totalIsEstimate: z.literal(true).optional(),
  });

export const pageQuery = {
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  pageSize: z.coerce.number().int().min(1).max(200).default(20),
  sort: z.enum(['createdAt', '-createdAt']).default('-createdAt'),
};

export const byId = z.strictObject({ id: uuid });

const printable = (text: z.ZodString) => text.regex(/^[^\p{Cc}]*$/u, 'control characters are not allowed');

/** Text of a person or a company, one line. */
export const line = (max = 200) => printable(z.string().trim().min(1).max(max));

/** What a list is searched by. */
export const sought = (max: number) => printable(z.string().min(1).max(max));

export const Address = z
  .strictObject({
    line1: line(),
    line2: line().optional(),
    city: line(100),
    state: line(100).optional(),
    postalCode: line(20).optional(),
    country: z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166-1 alpha-2 code like US'),
  })
  .meta({ id: 'Address' });

/** A VAT number of the European Union, written as VIES takes it. */
export const VatId = z
  .string()
  .max(30)
  .transform((id) => id.replace(/[ .-]/g, '').toUpperCase())
  .pipe(z.string().regex(/^[A-Z]{2}[0-9A-Z+*]{2,12}$/, 'a VAT number like DE123456789'))
  .refine((id) => inUnion(vatNumber(id).country), 'of no member state');

export const phone = z.string().regex(/^\+?[0-9][0-9 ().-]{2,24}$/, 'a telephone number like +1-555-1234');

/** Of at most 64 octets before the @ (RFC 5321 4.5.3.1.1) and 254 in all. */
export const email = z
  .email()
  .max(254)
  .regex(/^[^@]{1,64}@/, 'at most 64 characters before the @');

/** One that is chosen now. */
export const password = z.string().min(10).max(1024);

export const BillingCycle = z.enum(BILLING_CYCLES);
export const payable = ({ amount, currency }: { amount: number; currency: string }) => isPayable(amount, currency);
export const TOO_FINE = 'more digits than can be charged in the currency';

/** An object whose shape follows from the product's type: documented here, read by the use case, which knows the product. */
export function oneOfTypes(schemas: Record<string, z.ZodType>) {
  const anyOf = Object.entries(schemas).map(([title, schema]) => {
    const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    return { title, ...shape };
  });
  return z.record(z.string(), z.unknown()).meta({ anyOf });
}
