import type { z } from 'zod';
import { toDecimal } from '../../../../core/money.ts';
import { toPercent } from '../../../../core/pricing/rate.ts';
import { shareOf } from '../../../../core/pricing/share.ts';
import type { Product, Subscription } from '../../../../db/entities/index.ts';
import type { InvoiceView } from '../../../../db/queries/invoices.ts';
import type { OrderView } from '../../../../db/queries/orders.ts';
import { metadataOf } from '../../../usecases/products/metadata.ts';
import type * as schemas from '../schemas/index.ts';
import { moment } from './common.ts';

export function presentProduct(product: Product): z.infer<typeof schemas.Product> {
  const { tenantId, status, createdAt } = product;
  const offer = presentOffer<z.infer<typeof schemas.BillingPlan>>(product);
  // The type decides what the metadata is; the compiler cannot follow that through the table.
  return { ...offer, tenantId, status, createdAt: createdAt.toISOString() } as z.infer<typeof schemas.Product>;
}

/** What a product is to somebody who buys it. */
export function presentOffer<T extends z.infer<typeof schemas.BillingPlan> | z.infer<typeof schemas.BillingAddon>>({
  id,
  name,
  sku,
  type,
  billingCycles,
  metadata,
  taxCategory,
}: Product): T {
  return {
    id,
    name,
    sku,
    type,
    billingCycles: billingCycles.map(({ cycle, amount, currency }) => ({
      cycle,
      price: toDecimal(amount, currency),
      currency,
    })),
    metadata: metadataOf(type, metadata),
    taxCategory,
  } as T;
}

export function presentOrder({ order, items, invoice, jobId }: OrderView): z.infer<typeof schemas.Order> {
  const { id, tenantId, customerId, status, currency, paymentDueAt, createdAt } = order;
  return {
    id,
    tenantId,
    customerId,
    status,
    total: toDecimal(order.total, currency),
    currency,
    couponCode: order.couponCode ?? null,
    paymentDueAt: paymentDueAt.toISOString(),
    jobId,
    invoiceId: invoice.id,
    items: items.map((item) => ({
      id: item.id,
      productId: item.productId,
      parentItemId: item.parentItemId ?? null,
      type: item.type,
      description: item.description,
      billingCycle: item.billingCycle,
      price: toDecimal(item.price, currency),
      discount: toDecimal(item.discount, currency),
      tax: toDecimal(item.tax, currency),
      charged: toDecimal(shareOf(item, invoice.pricesIncludeTax).charged, currency),
      status: item.status,
      resourceId: item.resourceId,
      reason: item.reason ?? null,
    })),
    createdAt: createdAt.toISOString(),
    endedAt: moment(order.endedAt),
  };
}

export function presentInvoiceSummary({ id, status, total, currency }: InvoiceView['invoice']) {
  return { id, status, amount: toDecimal(total, currency) };
}

export function presentInvoice({ invoice, lines, credits }: InvoiceView): z.infer<typeof schemas.Invoice> {
  const { id, tenantId, customerId, status, currency, pricesIncludeTax, createdAt } = invoice;
  const decimal = (amount: number) => toDecimal(amount, currency);
  return {
    id,
    tenantId,
    customerId,
    orderId: invoice.orderId ?? null,
    subscriptionId: invoice.subscriptionId ?? null,
    periodStart: moment(invoice.periodStart),
    periodEnd: moment(invoice.periodEnd),
    dueAt: moment(invoice.dueAt),
    status,
    currency,
    pricesIncludeTax,
    reverseCharge: invoice.reverseCharge,
    items: lines.map(({ description, quantity, unitPrice, total, discount, tax, taxRate }) => ({
      description,
      quantity,
      unitPrice: decimal(unitPrice),
      total: decimal(total),
      discount: decimal(discount),
      net: decimal(shareOf({ price: total, discount, tax }, pricesIncludeTax).net),
      taxRate: toPercent(taxRate),
      tax: decimal(tax),
    })),
    discount: decimal(invoice.discount),
    subtotal: decimal(invoice.subtotal),
    tax: decimal(invoice.tax),
    total: decimal(invoice.total),
    amountRefunded: decimal(invoice.amountRefunded),
    taxCredited: decimal(invoice.taxCredited),
    creditNotes: credits.map((credit) => ({
      id: credit.id,
      reason: credit.reason,
      net: decimal(credit.amount - credit.tax),
      tax: decimal(credit.tax),
      total: decimal(credit.amount),
      refundStatus: credit.status,
      createdAt: credit.createdAt.toISOString(),
    })),
    paidAt: moment(invoice.paidAt),
    createdAt: createdAt.toISOString(),
  };
}

export function presentSubscription(subscription: Subscription): z.infer<typeof schemas.Subscription> {
  const { id, tenantId, customerId, productId, resourceId, status, billingCycle, currency, createdAt } = subscription;
  return {
    id,
    tenantId,
    customerId,
    productId,
    resourceId,
    status,
    billingCycle,
    price: toDecimal(subscription.price, currency),
    pricesIncludeTax: subscription.pricesIncludeTax,
    currency,
    startsAt: moment(subscription.startsAt),
    renewsAt: moment(subscription.renewsAt),
    cancelAtPeriodEnd: subscription.cancelAtPeriodEnd,
    createdAt: createdAt.toISOString(),
  };
}
