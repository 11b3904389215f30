import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { TENANT_STATUS } from '../../core/states.ts';
import { createdAt, id } from './base.ts';

/** A hosting company or reseller: everything but the pools and nodes belongs to one. */
export const Tenant = defineEntity({
  name: 'Tenant',
  properties: {
    id: id(),
    name: p.text(),
    status: p.enum(TENANT_STATUS).default('active'),
    createdAt: createdAt(),
  },
});
export type Tenant = InferEntity<typeof Tenant>;

/** The column every tenant's row carries; indexed by the composite indexes of each table. */
export const tenantId = () => p.manyToOne(Tenant).mapToPk().joinColumn('tenant_id').index(false);
