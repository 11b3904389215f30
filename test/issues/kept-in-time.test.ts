import { afterAll, beforeEach, expect, test } from '@jest/globals';
import type { Deps } from '../../activities/deps.ts';
import { subscriptionActivities } from '../../activities/subscriptions.ts';
import { Instance, Job, Subscription } from '../../db/entities/index.ts';
import { createJob, jobInput } from '../../db/queries/jobs.ts';
import type { StepRef } from '../../workflows/contract.ts';
import { estate } from '../api/estate.ts';
import { type Api, customerLogin, startApi, stock } from '../api/support.ts';

let api: Api;
let own: Awaited<ReturnType<typeof estate>>;
let ref: StepRef;
const db = () => api.orm.em.fork();
const subscription = () => db().findOneOrFail(Subscription, { id: own.subscription });

beforeEach(async () => {
  await api?.close();
  api = await startApi();
  const shop = await stock(api);
  own = await estate(api, { ...shop, customerId: (await customerLogin(api)).customer.id });
  const em = db();
  const { tenantId, customerId } = await subscription();
  const job = createJob(em, { type: 'subscription_cancel', tenantId, customerId, targetId: own.subscription });
  await em.flush();
  ref = { ...jobInput(job), step: 'end', phase: 'do' };
});
afterAll(() => api.close());

const activities = () => subscriptionActivities({ em: db, config: api.config } as unknown as Deps);
const keep = () => api.admin('POST', `/api/subscriptions/${own.subscription}/keep`);

test('what was taken back just before its end goes on, though the signal is still on its way', async () => {
  await db().nativeUpdate(Subscription, { id: own.subscription }, { cancelAtPeriodEnd: true });
  expect((await keep()).status).toBe(202);
  await activities().endSubscription(ref);
  expect((await subscription()).status).toBe('active');
});

test('what was taken back just before it is destroyed stays', async () => {
  await activities().endSubscription(ref);
  expect((await subscription()).status).toBe('cancelled');
  // Its suspension has come to its end, so that it can be taken back.
  await db().nativeUpdate(Job, { type: 'cloudpod_suspend' }, { status: 'completed', endedAt: new Date() });
  await db().nativeUpdate(Instance, { id: own.pod }, { status: 'suspended' });
  expect((await keep()).status).toBe(202);
  await activities().destroyService(ref);
  expect((await db().findOneOrFail(Instance, { id: own.pod })).status).not.toBe('deleting');
  expect(await db().count(Job, { type: 'cloudpod_delete' })).toBe(0);
});
