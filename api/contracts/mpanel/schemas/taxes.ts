import { z } from 'zod';
import { isPercent, TAX_CATEGORIES } from '../../../../core/pricing/rate.ts';
import { Address, percent, timestamp, uuid } from './common.ts';

const country = Address.shape.country;

/** How a tenant sells. */
export const BillingSettings = z
  .strictObject({
    /** Where it sells from; null: it charges no tax. */
    country: country.nullable(),
    pricesIncludeTax: z.boolean(),
    /** Its own VAT number. */
    vatId: z.string().nullable(),
  })
  .meta({ id: 'BillingSettings' });

/** PostgreSQL knows no year 0. */
export const known = [(day: string) => day >= '0001', 'of no year that there is'] as const;

const taxRate = {
  country,
  category: z.enum(TAX_CATEGORIES).exclude(['exempt']),
  rate: percent.refine(isPercent, 'at most four digits after the point'),
  /** In force from this day on, in UTC, until the next one of its country and category. */
  validFrom: z.iso.date().refine(...known),
};

export const TaxRate = z
  .strictObject({ id: uuid, tenantId: uuid, ...taxRate, createdAt: timestamp })
  .meta({ id: 'TaxRate' });

export const NewTaxRate = z
  .strictObject({ ...taxRate, category: taxRate.category.default('standard') })
  .meta({ id: 'NewTaxRate' });
