import type { EntityManager } from '@mikro-orm/postgresql';
import { LockMode } from '@mikro-orm/postgresql';
import { newId } from '../../runtime/ids.ts';
import {
  CheckoutSession,
  Invoice,
  InvoiceLine,
  Job,
  Order,
  OrderItem,
  Payment,
  Refund,
  Subscription,
} from '../entities/index.ts';
import { giveBackCoupon } from './coupons.ts';

/** The invoice of an order, locked until the transaction ends: one decision about its money at a time. */
export async function lockInvoiceOf(em: EntityManager, orderId: string): Promise<Invoice> {
  return em.findOneOrFail(Invoice, { orderId }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
}

/** An invoice, locked likewise; of a renewal its subscription first, as everybody who changes both does. */
export async function lockInvoice(em: EntityManager, id: string): Promise<Invoice> {
  const { subscriptionId } = await em.findOneOrFail(Invoice, { id });
  const lockMode = LockMode.PESSIMISTIC_WRITE;
  if (subscriptionId) await em.findOneOrFail(Subscription, { id: subscriptionId }, { lockMode, refresh: true });
  return em.findOneOrFail(Invoice, { id }, { lockMode, refresh: true });
}

/** Sessions that may still bring money, or have brought some that we have not seen. */
export function openSessions(em: EntityManager, invoiceId: string): Promise<CheckoutSession[]> {
  return em.find(
    CheckoutSession,
    { invoiceId, stripeId: { $ne: null }, status: { $ne: 'expired' } },
    { orderBy: { id: 'asc' } },
  );
}

/** Books money that came in, once per reference. */
export async function bookPayment(
  em: EntityManager,
  invoice: Invoice,
  payment: { reference: string; amount: number; currency: string },
): Promise<void> {
  const row = {
    id: newId(),
    tenantId: invoice.tenantId,
    invoiceId: invoice.id,
    provider: 'stripe' as const,
    ...payment,
  };
  await em.upsert(Payment, row, { onConflictAction: 'ignore', onConflictFields: ['reference'] });
}

export function paymentsOf(em: EntityManager, invoiceId: string): Promise<Payment[]> {
  return em.find(Payment, { invoiceId }, { orderBy: { createdAt: 'asc', id: 'asc' }, refresh: true });
}

export async function refundsOf(em: EntityManager, paymentIds: string[]): Promise<Refund[]> {
  return em.find(Refund, { paymentId: { $in: paymentIds } }, { orderBy: { id: 'asc' }, refresh: true });
}

/** Writes down what is to go back before anybody is asked to send it; the same key once per payment. */
export async function intendRefund(
  em: EntityManager,
  payment: Payment,
  refund: { key: string; amount: number; reason: string },
): Promise<void> {
  const row = { id: newId(), tenantId: payment.tenantId, paymentId: payment.id, ...refund };
  await em.upsert(Refund, row, { onConflictAction: 'ignore', onConflictFields: ['paymentId', 'key'] });
}

/** Calls an unpaid order off with all that hangs on it: items, their jobs, their resources' rows. */
export async function cancelOrder(em: EntityManager, orderId: string, invoiceId: string): Promise<OrderItem[]> {
  const now = new Date();
  await em.nativeUpdate(Invoice, { id: invoiceId }, { status: 'cancelled' });
  await em.nativeUpdate(Order, { id: orderId }, { status: 'cancelled', endedAt: now });
  await em.nativeUpdate(Job, { orderId, parentJobId: { $ne: null } }, { status: 'cancelled', endedAt: now });
  await em.nativeUpdate(OrderItem, { orderId }, { status: 'cancelled' });
  await giveBackCoupon(em, orderId);
  return em.find(OrderItem, { orderId }, { refresh: true });
}

export function linesOf(em: EntityManager, invoiceId: string): Promise<InvoiceLine[]> {
  return em.find(InvoiceLine, { invoiceId }, { orderBy: { position: 'asc' } });
}
