import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Deps } from '../../activities/deps.ts';
import { paymentActivities } from '../../activities/payments.ts';
import { openAsOwner } from '../../db/config.ts';
import { Customer, Invoice, Job, Order, OrderItem, Product, Tenant } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import type { StepRef } from '../../workflows/contract.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openAsOwner({ url: database.url, pool: 4 });
});
afterAll(async () => {
  await orm.close(true);
  await database.drop();
});

/** One item of an order that is paid for with nothing. */
async function item(jobStatus: Job['status']) {
  const em = orm.em.fork();
  const [tenantId, customerId, orderId, itemId, jobId, productId, resourceId] = Array.from({ length: 7 }, newId) as [
    string, string, string, string, string, string, string,
  ]; // biome-ignore format: a row
  const money = { currency: 'USD', subtotal: 0, tax: 0, total: 0 };
  await em.insert(Tenant, { id: tenantId, name: 'host' });
  await em.insert(Customer, { id: customerId, tenantId, name: 'Ann', email: `${customerId}@example.com` });
  await em.insert(Product, { id: productId, tenantId, name: 'Mail', type: 'email', sku: 'MAIL', billingCycles: [] });
  const due = { paymentDueAt: new Date(), paidAt: new Date() };
  await em.insert(Order, {
    id: orderId,
    tenantId,
    customerId,
    currency: 'USD',
    total: 0,
    status: 'provisioning',
    ...due,
  });
  await em.insert(Invoice, { id: newId(), tenantId, customerId, orderId, status: 'paid', ...money });
  await em.insert(OrderItem, {
    ...{ id: itemId, tenantId, orderId, position: 1, productId, type: 'email', description: 'Mail' },
    ...{ billingCycle: 'monthly', price: 0, status: 'provisioning', resourceId },
  });
  const job = { id: jobId, tenantId, customerId, orderId, type: 'email_attach', targetId: resourceId };
  await em.insert(Job, { ...job, status: jobStatus, workflowId: `email_attach/${tenantId}/${jobId}` });
  return { itemId, jobId };
}

async function undo(itemId: string): Promise<void> {
  const deps = { em: () => orm.em.fork(), config: { QUARANTINE_SECONDS: 1 } } as unknown as Deps;
  await paymentActivities(deps).refundItem({ targetId: itemId, note: 'its domain is taken' } as StepRef);
}

const jobOf = (id: string) => orm.em.fork().findOneOrFail(Job, { id });

test('an item that is undone before it was begun leaves no job that waits for ever', async () => {
  const { itemId, jobId } = await item('pending');
  await undo(itemId);
  const job = await jobOf(jobId);
  expect(job).toMatchObject({ status: 'cancelled', reason: 'its domain is taken', endedAt: expect.any(Date) });
});

test('the job of an item that was begun and undone says what it said', async () => {
  const { itemId, jobId } = await item('compensated');
  await undo(itemId);
  expect(await jobOf(jobId)).toMatchObject({ status: 'compensated', reason: null });
});
