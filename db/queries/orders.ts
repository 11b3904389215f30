import type { EntityManager } from '@mikro-orm/postgresql';
import { Invoice, Order, OrderItem } from '../entities/index.ts';
import { orderJob } from './job-views.ts';
import { findRow, ownedBy, type Scope } from './rows.ts';

/** An order with all that its page shows. */
export interface OrderView {
  order: Order;
  items: OrderItem[];
  invoice: Invoice;
  jobId: string;
}

export async function findOrder(em: EntityManager, scope: Scope, id: string): Promise<OrderView | null> {
  const order = await findRow(em, Order, ownedBy(scope, { id }));
  if (!order) return null;
  const items = await em.find(OrderItem, { orderId: id }, { orderBy: { position: 'asc' } });
  const invoice = await em.findOneOrFail(Invoice, { orderId: id }, { orderBy: { createdAt: 'asc' } });
  const job = await orderJob(em, id);
  if (!job) throw new Error(`order ${id} has no job`);
  return { order, items, invoice, jobId: job.id };
}

export function countUnpaidOrders(em: EntityManager, customerId: string): Promise<number> {
  return em.count(Order, { customerId, status: 'pending' });
}
