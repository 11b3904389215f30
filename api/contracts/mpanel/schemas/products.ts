import { z } from 'zod';
import { isPayable } from '../../../../core/money.ts';
import { TAX_CATEGORIES } from '../../../../core/pricing/rate.ts';
import * as states from '../../../../core/states.ts';
import { METADATA } from '../../../usecases/products/metadata.ts';
import { BillingCycle, line, oneOfTypes, TOO_FINE, timestamp, uuid } from './common.ts';

const BillingPrice = z
  .strictObject({
    cycle: BillingCycle,
    price: z.number().min(0).max(1e9),
    currency: z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code like USD'),
  })
  .refine(({ price, currency }) => isPayable(price, currency), TOO_FINE);

const productBase = {
  name: line(),
  sku: z.string().regex(/^[A-Z0-9][A-Z0-9_-]{0,59}$/, 'capital letters, digits, - and _'),
  billingCycles: z
    .array(BillingPrice)
    .min(1)
    .max(3)
    .refine((prices) => new Set(prices.map((price) => price.cycle)).size === prices.length, 'each cycle once'),
  status: z.enum(states.PRODUCT_STATUS),
  taxCategory: z.enum(TAX_CATEGORIES),
};

/** One shape for each type: what the metadata holds follows from it. */
const product = <T extends z.ZodRawShape>(extra: T) =>
  z.discriminatedUnion('type', [
    z.strictObject({ ...extra, type: z.literal('cloudpod'), metadata: METADATA.cloudpod }),
    z.strictObject({ ...extra, type: z.literal('domain'), metadata: METADATA.domain }),
    z.strictObject({ ...extra, type: z.literal('email'), metadata: METADATA.email }),
    z.strictObject({ ...extra, type: z.literal('backup'), metadata: METADATA.backup }),
    z.strictObject({ ...extra, type: z.literal('addon'), metadata: METADATA.addon }),
  ]);

export const Product = product({ ...productBase, id: uuid, tenantId: uuid, createdAt: timestamp }).meta({
  id: 'Product',
});

const { status: _status, ...offered } = { ...productBase, id: uuid };

const offer = <T extends states.ProductType>(type: T) =>
  z.strictObject({ ...offered, type: z.literal(type), metadata: METADATA[type] });

/** A product on sale that stands by itself. */
export const BillingPlan = z
  .discriminatedUnion('type', [offer('cloudpod'), offer('domain'), offer('email')])
  .meta({ id: 'BillingPlan' });

/** A product on sale that belongs to a CloudPod. */
export const BillingAddon = z
  .discriminatedUnion('type', [offer('backup'), offer('addon')])
  .meta({ id: 'BillingAddon' });

export const NewProduct = product({
  ...productBase,
  status: productBase.status.default('active'),
  taxCategory: productBase.taxCategory.default('standard'),
}).meta({
  id: 'NewProduct',
});

/** What may be changed of a product; its type stays. The metadata is read by the type. */
export const ProductChanges = z
  .strictObject({
    ...productBase,
    type: z.enum(states.PRODUCT_TYPES),
    metadata: oneOfTypes(METADATA),
  })
  .partial()
  .meta({ id: 'ProductChanges' });
