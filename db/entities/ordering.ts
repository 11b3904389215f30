import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import type { Price } from '../../core/catalog.ts';
import { BILLING_CYCLES } from '../../core/period.ts';
import type { Discount } from '../../core/pricing/discount.ts';
import { TAX_CATEGORIES } from '../../core/pricing/rate.ts';
import {
  INVOICE_STATUS,
  ITEM_STATUS,
  ORDER_STATUS,
  PRODUCT_STATUS,
  PRODUCT_TYPES,
  SUBSCRIPTION_STATUS,
} from '../../core/states.ts';
import { customerId } from './access.ts';
import { createdAt, id, minor, updatedAt } from './base.ts';
import { tenantId } from './tenant.ts';

export const Product = defineEntity({
  name: 'Product',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id', 'status'] },
    { properties: ['tenantId', 'type', 'createdAt', 'id', 'status'] },
  ],
  uniques: [{ properties: ['tenantId', 'sku'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    name: p.text(),
    type: p.enum(PRODUCT_TYPES),
    sku: p.text(),
    billingCycles: p.json<Price[]>(),
    /** By type: core/products.ts. */
    metadata: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    status: p.enum(PRODUCT_STATUS).default('active'),
    taxCategory: p.enum(TAX_CATEGORIES).default('standard'),
    createdAt: createdAt(),
  },
});
export type Product = InferEntity<typeof Product>;

/** What a registered name costs per year, by top-level domain. */
export const TldPrice = defineEntity({
  name: 'TldPrice',
  properties: {
    tenantId: tenantId().primary(),
    tld: p.text().primary(),
    register: minor(),
    renew: minor(),
    transfer: minor(),
    currency: p.string().length(3),
    maxYears: p.integer().default(10),
  },
});
export type TldPrice = InferEntity<typeof TldPrice>;

export const Order = defineEntity({
  name: 'Order',
  tableName: 'orders',
  indexes: [{ properties: ['tenantId', 'createdAt', 'id'] }, { properties: ['customerId', 'status'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    customerId: customerId(),
    status: p.enum(ORDER_STATUS).default('pending'),
    currency: p.string().length(3),
    total: minor(),
    couponCode: p.text().nullable(),
    /** When an unpaid order gives its capacity back. */
    paymentDueAt: p.datetime(3),
    paidAt: p.datetime(3).nullable(),
    createdAt: createdAt(),
    endedAt: p.datetime(3).nullable(),
  },
});
export type Order = InferEntity<typeof Order>;

/** One thing to deliver or undo: a quantity of three CloudPods is three items. */
export const OrderItem = defineEntity({
  name: 'OrderItem',
  indexes: [{ properties: ['orderId', 'position'] }, { properties: ['productId'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    orderId: p.manyToOne(Order).mapToPk().joinColumn('order_id').index(false),
    /** The item this one is an add-on of. */
    parentItemId: p.uuid().nullable(),
    /** Items that must be delivered first: the parent, and the domain whose zone this one lives in. */
    dependsOn: p.array().$type<string[]>().default([]),
    position: p.integer(),
    productId: p.manyToOne(Product).mapToPk().joinColumn('product_id').index(false),
    type: p.enum(PRODUCT_TYPES),
    description: p.text(),
    billingCycle: p.enum(BILLING_CYCLES),
    /** As listed, and of it what this item's shares of the order's discount and tax are (core/pricing/share.ts). */
    price: minor(),
    discount: minor().default(0),
    tax: minor().default(0),
    /** By type: core/item-config.ts. Passwords are ids of secrets. */
    config: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    status: p.enum(ITEM_STATUS).default('pending'),
    /** The instance, domain, e-mail domain … that delivers it: known from the start. */
    resourceId: p.uuid(),
    /** Why it was undone, in words for the customer. */
    reason: p.text().nullable(),
    createdAt: createdAt(),
  },
});
export type OrderItem = InferEntity<typeof OrderItem>;

export const Invoice = defineEntity({
  name: 'Invoice',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    { properties: ['tenantId', 'status', 'createdAt', 'id'] },
    { properties: ['customerId', 'createdAt', 'id', 'tenantId'] },
    { properties: ['orderId'] },
  ],
  uniques: [
    {
      name: 'invoice_renewal',
      expression: `create unique index invoice_renewal on invoice (subscription_id, period_start) where status <> 'cancelled'`,
    },
  ],
  properties: {
    id: id(),
    tenantId: tenantId(),
    customerId: customerId(),
    orderId: p.manyToOne(Order).mapToPk().joinColumn('order_id').index(false).nullable(),
    /** What it renews, from when to when; null on an order's invoice. */
    subscriptionId: p.uuid().nullable(),
    periodStart: p.datetime(3).nullable(),
    periodEnd: p.datetime(3).nullable(),
    /** When a renewal has to be paid; an order says so itself. */
    dueAt: p.datetime(3).nullable(),
    status: p.enum(INVOICE_STATUS).default('unpaid'),
    currency: p.string().length(3),
    /** Whether its lines' prices are with tax. */
    pricesIncludeTax: p.boolean().default(false),
    /** The buyer owes the tax. */
    reverseCharge: p.boolean().default(false),
    discount: minor().default(0),
    /** After the discount, without tax. */
    subtotal: minor(),
    tax: minor(),
    total: minor(),
    amountRefunded: minor().default(0),
    /** Of the tax, what went back since the buyer owes it. */
    taxCredited: minor().default(0),
    paidAt: p.datetime(3).nullable(),
    createdAt: createdAt(),
  },
});
export type Invoice = InferEntity<typeof Invoice>;

export const InvoiceLine = defineEntity({
  name: 'InvoiceLine',
  properties: {
    invoiceId: p.manyToOne(Invoice).mapToPk().joinColumn('invoice_id').primary(),
    position: p.integer().primary(),
    description: p.text(),
    quantity: p.integer(),
    unitPrice: minor(),
    /** As listed, before the discount. */
    total: minor(),
    discount: minor().default(0),
    tax: minor().default(0),
    /** In millionths. */
    taxRate: p.integer().default(0),
  },
});
export type InvoiceLine = InferEntity<typeof InvoiceLine>;

/** What renews. Bought by one order item; `resourceId` is what it pays for. */
export const Subscription = defineEntity({
  name: 'Subscription',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    { properties: ['tenantId', 'status', 'createdAt', 'id'] },
    { properties: ['tenantId', 'productId', 'createdAt', 'id'] },
    { properties: ['customerId', 'createdAt', 'id', 'tenantId'] },
    {
      name: 'subscription_renewing',
      expression: `create index subscription_renewing on subscription (renews_at) where status in ('active', 'suspended')`,
    },
  ],
  uniques: [{ properties: ['orderItemId'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    customerId: customerId(),
    productId: p.manyToOne(Product).mapToPk().joinColumn('product_id').index(false),
    orderItemId: p.uuid().nullable(),
    resourceId: p.uuid().index(),
    status: p.enum(SUBSCRIPTION_STATUS).default('pending'),
    billingCycle: p.enum(BILLING_CYCLES),
    price: minor(),
    pricesIncludeTax: p.boolean().default(false),
    /** What each renewal costs less. */
    discount: p.json<Discount>().nullable(),
    currency: p.string().length(3),
    /** Start of the first period: every renewal date is computed from it. */
    startsAt: p.datetime(3).nullable(),
    renewsAt: p.datetime(3).nullable(),
    /** Since when it stands suspended for an unpaid renewal. */
    unpaidSince: p.datetime(3).nullable(),
    cancelAtPeriodEnd: p.boolean().default(false),
    cancelledAt: p.datetime(3).nullable(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
});
export type Subscription = InferEntity<typeof Subscription>;
