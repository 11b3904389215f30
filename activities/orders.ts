import type { EntityManager } from '@mikro-orm/postgresql';
import { formatMoney } from '../core/money.ts';
import { shareOf } from '../core/pricing/share.ts';
import {
  Certificate,
  Customer,
  Domain,
  EmailDomain,
  Instance,
  InstanceAddon,
  Invoice,
  Job,
  Mailbox,
  Order,
  OrderItem,
  Subscription,
} from '../db/entities/index.ts';
import { giveBackCoupon } from '../db/queries/coupons.ts';
import { all, first, get, set } from '../db/queries/entity.ts';
import { jobInput, outcomeOf } from '../db/queries/jobs.ts';
import type { AskActivities, ItemPlan, LocalActivities } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';
import { sendNotices, writeNotice } from './notices.ts';
import { refundNoticesOf } from './refunds.ts';

export function orderActivities(deps: Deps) {
  return {
    async readOrder(job) {
      const em = deps.em();
      const order = await get(em, Order, job.targetId);
      const items = await all(em, OrderItem, { orderId: order.id }, { orderBy: { position: 'asc' } });
      const jobs = new Map((await all(em, Job, { parentJobId: job.jobId })).map((child) => [child.targetId, child]));
      const plan = (item: OrderItem): ItemPlan => {
        const row = jobs.get(item.resourceId)!;
        const child = jobInput(row);
        const ended = outcomeOf(row);
        return {
          ...(ended ? { ended } : {}),
          id: item.id,
          job: child,
          jobType: child.type,
          dependsOn: item.dependsOn,
          description: item.description,
        };
      };
      // Of a run that is begun anew the money may be there already: then there is nothing to wait for.
      const paid = (await first(em, Invoice, { orderId: order.id }))?.status === 'paid';
      return { paymentDueAt: (paid ? new Date() : order.paymentDueAt).toISOString(), items: items.map(plan) };
    },

    /** Active with at least one item delivered, else failed. Writes what the customer is told, once. */
    async finishOrder(ref) {
      return deps.em().transactional(async (tx) => {
        const order = await get(tx, Order, ref.targetId);
        const items = await all(tx, OrderItem, { orderId: order.id }, { orderBy: { position: 'asc' }, refresh: true });
        const status = items.some((item) => item.status === 'delivered') ? 'active' : 'failed';
        await set(tx, Order, { id: order.id, endedAt: null }, { status, endedAt: new Date() });
        if (status === 'failed') await giveBackCoupon(tx, order.id);
        await tell(tx, order, items, status);
        return status;
      });
    },

    async sendOrderMails(ref) {
      const { targetId } = ref;
      const invoice = await deps.em().findOneOrFail(Invoice, { $or: [{ orderId: targetId }, { id: targetId }] });
      const keys = await refundNoticesOf(deps.em(), invoice.id);
      await sendNotices(deps, [`order_finished/${targetId}`, ...keys]);
    },
  } satisfies Partial<LocalActivities & AskActivities>;
}

/** Rows of resources that will never be: whatever table they are in. */
export async function failRows(tx: EntityManager, resourceIds: string[]): Promise<void> {
  const pending = { id: { $in: resourceIds }, status: { $in: ['pending' as const] } };
  await set(tx, Instance, pending, { status: 'failed' });
  await set(tx, Domain, pending, { status: 'failed' });
  await set(tx, EmailDomain, pending, { status: 'failed' });
  await set(tx, Mailbox, { emailDomainId: { $in: resourceIds }, status: 'pending' }, { status: 'failed' });
  await set(tx, InstanceAddon, pending, { status: 'deleted' });
  await set(tx, Certificate, { targetId: { $in: resourceIds }, status: 'pending' }, { status: 'failed' });
  await set(
    tx,
    Subscription,
    { resourceId: { $in: resourceIds }, status: 'pending' },
    { status: 'cancelled', cancelledAt: new Date() },
  );
}

async function tell(tx: EntityManager, order: Order, items: OrderItem[], status: 'active' | 'failed'): Promise<void> {
  const customer = await get(tx, Customer, order.customerId);
  const { pricesIncludeTax } = await tx.findOneOrFail(Invoice, { orderId: order.id });
  const back = (item: OrderItem) => formatMoney(shareOf(item, pricesIncludeTax).charged, order.currency);
  const lines = await Promise.all(items.map((item) => describe(tx, item, back(item))));
  const subject = status === 'active' ? 'Your order is ready' : 'Your order could not be delivered';
  const text = [`Hello ${customer.name},`, '', ...lines, '', `Order ${order.id}`].join('\n');
  const key = `order_finished/${order.id}`;
  await writeNotice(tx, { tenantId: order.tenantId, key, recipient: customer.email, subject, text });
}

/** What was delivered and how to reach it; passwords are shown in the panel, never mailed. */
async function describe(tx: EntityManager, item: OrderItem, charged: string): Promise<string> {
  if (item.status !== 'delivered')
    return `- ${item.description}: ${item.reason ?? 'could not be delivered'}. ${charged} goes back to you.`;
  const instance = await first(tx, Instance, { id: item.resourceId });
  const addresses = [instance?.ipv4, instance?.ipv6].filter(Boolean).join(', ');
  if (instance)
    return `- ${item.description}: ${instance.hostname} (${addresses}) is running. Its root password is shown once in your panel.`;
  const domain = await first(tx, Domain, { id: item.resourceId });
  if (domain)
    return `- ${item.description}: ${domain.name} is registered until ${domain.expiresAt?.toISOString().slice(0, 10)}.`;
  const mail = await first(tx, EmailDomain, { id: item.resourceId });
  if (mail) {
    const boxes = await all(tx, Mailbox, { emailDomainId: mail.id });
    return `- ${item.description}: ${boxes.map((box) => `${box.localPart}@${mail.name}`).join(', ')} can receive mail.`;
  }
  return `- ${item.description}: active.`;
}
