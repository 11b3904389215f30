import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { renewed } from '../../activities/renewed.ts';
import { Instance, Invoice, Job, Subscription } from '../../db/entities/index.ts';
import { createJob } from '../../db/queries/jobs.ts';
import { newId } from '../../runtime/ids.ts';
import { estate } from '../api/estate.ts';
import { type Api, customerLogin, startApi, stock } from '../api/support.ts';

let api: Api;
let own: Awaited<ReturnType<typeof estate>>;
beforeAll(async () => {
  api = await startApi();
  const shop = await stock(api);
  own = await estate(api, { ...shop, customerId: (await customerLogin(api)).customer.id });
});
afterAll(() => api.close());

const db = () => api.orm.em.fork();
const woken = () => db().count(Job, { type: 'cloudpod_unsuspend', targetId: own.pod });
const suspended = (suspendedFor: string) =>
  db().nativeUpdate(Instance, { id: own.pod }, { status: 'suspended', suspendedFor });

/** A cancellation whose undo window is open, taken back. */
async function kept() {
  const em = db();
  const { tenantId, customerId } = await em.findOneOrFail(Subscription, { id: own.subscription });
  createJob(em, { type: 'subscription_cancel', tenantId, customerId, targetId: own.subscription });
  await em.flush();
  await db().nativeUpdate(Subscription, { id: own.subscription }, { status: 'cancelled', cancelledAt: new Date() });
  const answer = await api.admin('POST', `/api/subscriptions/${own.subscription}/keep`);
  await db().nativeUpdate(Job, { targetId: own.subscription }, { status: 'cancelled' });
  return answer;
}

/** The money of a renewal counted. */
async function paid() {
  const id = newId();
  const { tenantId, customerId, price, currency, renewsAt } = await db().findOneOrFail(Subscription, {
    id: own.subscription,
  });
  const periodEnd = new Date(renewsAt!.getTime() + 1000);
  const money = { currency, subtotal: price, tax: 0, total: price };
  const row = {
    id,
    tenantId,
    customerId,
    subscriptionId: own.subscription,
    periodStart: renewsAt,
    periodEnd,
    ...money,
  };
  await db().insert(Invoice, row);
  await db().transactional(async (tx) => renewed(tx, await tx.findOneOrFail(Invoice, { id })));
}

test('what an operator suspended stands still when its cancelled subscription is kept', async () => {
  await suspended('operator');
  expect((await kept()).body.subscription.status).toBe('active');
  expect(await woken()).toBe(0);
});

test('what an operator suspended stands still when its renewal is paid', async () => {
  await suspended('operator');
  await paid();
  expect(await woken()).toBe(0);
});

test('one that was cancelled unpaid is suspended again when it is kept, and runs when it is paid', async () => {
  await suspended('unpaid');
  await db().nativeUpdate(Subscription, { id: own.subscription }, { unpaidSince: new Date(0) });
  expect((await kept()).body.subscription.status).toBe('suspended');
  expect(await woken()).toBe(0);
  await paid();
  expect(await woken()).toBe(1);
  expect(await db().findOneOrFail(Subscription, { id: own.subscription })).toMatchObject({
    status: 'active',
    unpaidSince: null,
  });
});

test('what its cancellation stopped runs again when it is kept', async () => {
  await db().nativeUpdate(Job, { targetId: own.pod }, { status: 'completed' });
  await suspended('cancelled');
  await kept();
  expect(await woken()).toBe(2);
});
