import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { TAX_CATEGORIES } from '../../core/pricing/rate.ts';
import { customerId } from './access.ts';
import { createdAt, id } from './base.ts';
import { tenantId } from './tenant.ts';

/** A tax that a tenant charges in a country, from a day on until the next row's. */
export const TaxRate = defineEntity({
  name: 'TaxRate',
  indexes: [{ properties: ['tenantId', 'createdAt', 'id'] }],
  uniques: [{ properties: ['tenantId', 'country', 'category', 'validFrom'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    /** ISO 3166-1 alpha-2. */
    country: p.string().length(2),
    category: p.enum(TAX_CATEGORIES),
    /** In millionths. */
    rate: p.integer(),
    /** yyyy-mm-dd, in UTC. */
    validFrom: p.date(),
    createdAt: createdAt(),
  },
});
export type TaxRate = InferEntity<typeof TaxRate>;

/** An answer of VIES, kept as proof. */
export const VatCheck = defineEntity({
  name: 'VatCheck',
  indexes: [{ properties: ['customerId', 'askedAt'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    customerId: customerId(),
    vatId: p.text(),
    valid: p.boolean(),
    /** The consultation number; VIES gives one only to who names itself. */
    consultation: p.text().nullable(),
    /** By the clock of VIES. */
    askedAt: p.datetime(3),
    /** By ours, and not when the transaction began: that waited for those that wrote invoices without the answer. */
    createdAt: p.datetime(3).defaultRaw('clock_timestamp()'),
  },
});
export type VatCheck = InferEntity<typeof VatCheck>;
