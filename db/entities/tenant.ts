import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { TENANT_STATUS } from '../../core/states.ts';
import { createdAt, id } from './base.ts';

/** A hosting company or reseller: everything but the pools and nodes belongs to one. */
export const Tenant = defineEntity({
  name: 'Tenant',
  indexes: [{ properties: ['createdAt', 'id'] }],
  properties: {
    id: id(),
    name: p.text(),
    status: p.enum(TENANT_STATUS).default('active'),
    /** Where it sells from, ISO 3166-1 alpha-2; null: it charges no tax. */
    country: p.string().length(2).nullable(),
    /** Its own VAT number, by which it asks VIES for proof. */
    vatId: p.text().nullable(),
    /** Whether the prices of its products are with tax. */
    pricesIncludeTax: p.boolean().default(false),
    createdAt: createdAt(),
  },
});
export type Tenant = InferEntity<typeof Tenant>;

/** The column every tenant's row carries; indexed by the composite indexes of each table. */
export const tenantId = () => p.manyToOne(Tenant).mapToPk().joinColumn('tenant_id').index(false);
