import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createKeyRing } from '../../runtime/keys.ts';
import { createPayloadCodec } from '../../runtime/payloads.ts';
import type { Customer, Page, PlacedOrder } from '../support/client.ts';
import { until } from '../support/until.ts';
import { withEngine } from './stage/engine.ts';
import { openStage, type Stage } from './stage/index.ts';

const MINI = 999;

let stage: Stage;
let customer: Customer;
beforeAll(async () => {
  stage = await openStage({ env: { STEP_ATTEMPTS: '2' } });
  customer = await stage.customer();
}, 120_000);
afterAll(() => stage?.close());
afterEach(() => Promise.all((['proxmox', 'acme'] as const).map(stage.outside.mend)));

const fails = (match: string, status = 500) =>
  stage.outside.fault('proxmox', { match, phase: 'before', action: { kind: 'status', status }, times: null });

async function bought(): Promise<PlacedOrder> {
  const placed = await stage.place(customer, [stage.pod()]);
  await stage.pay(placed.invoice.id);
  return placed;
}

async function provision(jobId: string) {
  const [child] = await stage.children(jobId);
  return stage.job(String(child?.id));
}

/** Its run and those of its items, as somebody does it in the Temporal UI. */
async function terminate(jobId: string): Promise<void> {
  const text = `select workflow_id as id from job where status <> 'pending' and (id = $1 or parent_job_id = $1)`;
  const begun = await stage.sql<{ id: string }>(text, [jobId]);
  await withEngine(stage.platform.env, async (workflow) => {
    for (const { id } of begun) await workflow.getHandle(id).terminate('by hand');
  });
}

const retry = (jobId: string) => stage.admin.post(`/jobs/${jobId}/retry`);

test('an order whose run is terminated in mid-delivery is delivered once after retry', async () => {
  const before = await stage.world.slate();
  await fails('POST /nodes/.*/status/start');
  const atTheCa = (await stage.outside.requests('acme')).at(-1)?.seq ?? 0;
  const { order, invoice } = await bought();
  const child = await until('its item is blocked', async () => {
    const job = await provision(order.jobId);
    return job.status === 'blocked' ? job : undefined;
  });
  await terminate(order.jobId);
  await stage.outside.mend('proxmox');
  await retry(order.jobId);
  const ended = await stage.ended(order.id);
  expect(ended).toMatchObject({ status: 'active', items: [{ status: 'delivered' }] });
  expect(await stage.job(order.jobId)).toMatchObject({ status: 'completed', reason: null });
  expect(await stage.job(child.id)).toMatchObject({ status: 'completed', reason: null });
  const after = await stage.world.slate();
  expect(after.guests.length).toBe(before.guests.length + 1);
  expect(await stage.outside.requests('acme', '^POST /new-order', atTheCa)).toHaveLength(1);
  expect(await stage.world.money(invoice.id)).toEqual({ charged: [MINI], refunded: [] });
  await expect(retry(order.jobId)).rejects.toMatchObject({ status: 409 });
}, 60_000);

test('an order whose run is terminated in mid-undoing is undone to its end, with its money back once', async () => {
  const before = await stage.world.slate();
  const since = (await stage.outside.requests('proxmox')).at(-1)?.seq ?? 0;
  await fails('POST /nodes/.*/status/start', 400);
  await fails('^DELETE /nodes/[^/]+/qemu');
  const { order, invoice } = await bought();
  await until('the guest is to be destroyed, in vain', async () => {
    const { status } = await provision(order.jobId);
    const asked = await stage.outside.requests('proxmox', '^DELETE /nodes/[^/]+/qemu', since);
    return status === 'compensating' && asked.length > 0;
  });
  await terminate(order.jobId);
  await stage.outside.mend('proxmox');
  await retry(order.jobId);
  expect(await stage.ended(order.id)).toMatchObject({ status: 'failed', items: [{ status: 'undone' }] });
  expect(await provision(order.jobId)).toMatchObject({ status: 'compensated' });
  expect(await stage.world.slate()).toEqual(before);
  expect(await stage.world.money(invoice.id)).toEqual({ charged: [MINI], refunded: [MINI] });
}, 60_000);

test('a signal that nobody can decrypt does not stop an order, and operators are told', async () => {
  const { order, invoice } = await stage.place(customer, [stage.pod()]);
  const { workflowId, id } = await until('it has begun', async () => {
    const [row] = await stage.sql<{ workflowId: string; id: string; status: string }>(
      `select workflow_id as "workflowId", id, status from job where id = $1`,
      [order.jobId],
    );
    return row?.status === 'running' ? row : undefined;
  });
  const stranger = createPayloadCodec(createKeyRing(randomBytes(32).toString('base64')));
  const said = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"open, sesame"') };
  await withEngine(stage.platform.env, async ({ connection, options: { namespace } }) => {
    for (const signalName of ['payment', 'decide'])
      await connection.workflowService.signalWorkflowExecution({
        ...{ namespace, signalName, workflowExecution: { workflowId } },
        input: { payloads: await stranger.encode([said]) },
      });
  });
  await stage.pay(invoice.id);
  expect(await stage.ended(order.id)).toMatchObject({ status: 'active' });
  const told = (type: string) => stage.admin.get<Page<{ message: string }>>(`/system/events?type=${type}`);
  for (const type of ['payload.unreadable', 'job.unheard'])
    expect((await told(type)).items).toEqual([expect.objectContaining({ message: expect.stringContaining(id) })]);
}, 60_000);

test('an order that is paid while its run is gone is delivered after retry', async () => {
  const { order, invoice } = await stage.place(customer, [stage.pod()]);
  await until('it has begun', async () => (await stage.job(order.jobId)).status === 'running');
  await expect(retry(order.jobId)).rejects.toMatchObject({ status: 409 });
  await terminate(order.jobId);
  await stage.pay(invoice.id);
  await retry(order.jobId);
  expect(await stage.ended(order.id)).toMatchObject({ status: 'active' });
  expect(await stage.world.money(invoice.id)).toEqual({ charged: [MINI], refunded: [] });
}, 60_000);
