import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import type { Address } from '../../core/catalog.ts';
import { CUSTOMER_STATUS, USER_STATUS, VAT_STATUS } from '../../core/states.ts';
import { createdAt, id } from './base.ts';
import { tenantId } from './tenant.ts';

/** Who pays. */
export const Customer = defineEntity({
  name: 'Customer',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    {
      name: 'customer_words',
      expression: 'create index customer_words on customer using gin (words gin_trgm_ops)',
    },
    { name: 'customer_vat', expression: `create index customer_vat on customer (id) where vat_status = 'valid'` },
  ],
  uniques: [
    { name: 'customer_email', expression: 'create unique index customer_email on customer (tenant_id, lower(email))' },
  ],
  properties: {
    id: id(),
    tenantId: tenantId(),
    name: p.text(),
    email: p.text(),
    phone: p.text().nullable(),
    address: p.json<Address>().nullable(),
    /** As DE123456789, and since when it is this one. */
    vatId: p.text().nullable(),
    vatStatus: p.enum(VAT_STATUS).nullable(),
    vatSince: p.datetime(3).nullable(),
    status: p.enum(CUSTOMER_STATUS).default('active'),
    createdAt: createdAt(),
    /** What a search looks at, as it is compared: written by the database, read by `customer_search` alone. */
    words: p.text().nullable().lazy().generated(`lower(((name || '\n'::text) || email)) stored`),
  },
});
export type Customer = InferEntity<typeof Customer>;

export const customerId = () => p.manyToOne(Customer).mapToPk().joinColumn('customer_id').index(false);

/** Who logs in: staff, or a customer's own login where `customerId` is set. One e-mail address is one login. */
export const User = defineEntity({
  name: 'User',
  tableName: 'users',
  indexes: [{ properties: ['tenantId', 'createdAt', 'id'] }, { properties: ['customerId'] }],
  uniques: [{ name: 'users_email', expression: 'create unique index users_email on users (lower(email))' }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    customerId: customerId().nullable(),
    name: p.text(),
    email: p.text(),
    /** PHC string of argon2id; null until an invitation is accepted. */
    passwordHash: p.text().nullable(),
    roles: p.array().$type<string[]>(),
    permissions: p.array().$type<string[]>().default([]),
    status: p.enum(USER_STATUS).default('active'),
    createdAt: createdAt(),
  },
});
export type User = InferEntity<typeof User>;

/** One refresh token. Rotating writes a new one of the same family; using a rotated one again revokes the family. */
export const RefreshToken = defineEntity({
  name: 'RefreshToken',
  indexes: [{ properties: ['userId'] }],
  properties: {
    id: id(),
    userId: p.manyToOne(User).mapToPk().joinColumn('user_id'),
    familyId: p.uuid().index(),
    expiresAt: p.datetime(3),
    rotatedAt: p.datetime(3).nullable(),
    revokedAt: p.datetime(3).nullable(),
    createdAt: createdAt(),
  },
});
export type RefreshToken = InferEntity<typeof RefreshToken>;
