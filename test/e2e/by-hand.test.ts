import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { WorkflowClient } from '@temporalio/client';
import { createKeyRing } from '../../runtime/keys.ts';
import { createPayloadCodec } from '../../runtime/payloads.ts';
import { readRun } from '../../runtime/runs.ts';
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

const blockedItem = (jobId: string) =>
  until('its item is blocked', async () => {
    const job = await provision(jobId);
    return job.status === 'blocked' ? job : undefined;
  });

async function provision(jobId: string) {
  const [child] = await stage.children(jobId);
  return stage.job(String(child?.id));
}

/** Does this to its run, and then to those of its items: an order that goes on shows that one of these ended. */
async function eachRun(jobId: string, act: (workflow: WorkflowClient, workflowId: string) => Promise<unknown>) {
  const text = `select workflow_id as id from job where status <> 'pending' and (id = $1 or parent_job_id = $1)
    order by parent_job_id nulls first`;
  const begun = await stage.sql<{ id: string }>(text, [jobId]);
  await withEngine(stage.platform.env, async (workflow) => {
    for (const { id } of begun) await act(workflow, id);
  });
}

/** As somebody does it in the Temporal UI. */
const terminate = (jobId: string) =>
  eachRun(jobId, (workflow, workflowId) => workflow.getHandle(workflowId).terminate('by hand'));

/** With all that it wrote down, as by `temporal workflow delete`; to us the same as the loss of Temporal's data. */
async function lose(jobId: string): Promise<void> {
  await eachRun(jobId, ({ connection, options: { namespace } }, workflowId) =>
    connection.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } }),
  );
  await eachRun(jobId, (workflow, workflowId) =>
    until('the server knows no such run', async () => (await readRun(workflow, workflowId)).state === 'absent'),
  );
}

const retry = (jobId: string) => stage.admin.post(`/jobs/${jobId}/retry`);
const giveUp = (jobId: string) => stage.admin.post(`/jobs/${jobId}/give-up`, { reason: 'not wanted any more' });

type Slate = Awaited<ReturnType<Stage['world']['slate']>>;
async function isUndone({ order, invoice }: PlacedOrder, before: Slate): Promise<void> {
  expect(await stage.ended(order.id)).toMatchObject({ status: 'failed', items: [{ status: 'undone' }] });
  expect(await provision(order.jobId)).toMatchObject({ status: 'compensated' });
  expect(await stage.world.slate()).toEqual(before);
  expect(await stage.world.money(invoice.id)).toEqual({ charged: [MINI], refunded: [MINI] });
}

test.each([
  ['is terminated', terminate],
  ['is lost, history and all,', lose],
])(
  'an order whose run %s in mid-delivery is delivered once after retry',
  async (_, end) => {
    const before = await stage.world.slate();
    await fails('POST /nodes/.*/status/start');
    const lastSeq = async (system: 'acme' | 'proxmox') => (await stage.outside.requests(system)).at(-1)?.seq ?? 0;
    const [atTheCa, atProxmox] = [await lastSeq('acme'), await lastSeq('proxmox')];
    const { order, invoice } = await bought();
    const child = await blockedItem(order.jobId);
    await end(order.jobId);
    await stage.outside.mend('proxmox');
    await retry(order.jobId);
    const ended = await stage.ended(order.id);
    expect(ended).toMatchObject({ status: 'active', items: [{ status: 'delivered' }] });
    expect(await stage.job(order.jobId)).toMatchObject({ status: 'completed', reason: null });
    expect(await stage.job(child.id)).toMatchObject({ status: 'completed', reason: null });
    const after = await stage.world.slate();
    expect(after.guests.length).toBe(before.guests.length + 1);
    expect(await stage.outside.requests('proxmox', '^POST .*/clone', atProxmox)).toHaveLength(1);
    expect(await stage.outside.requests('acme', '^POST /new-order', atTheCa)).toHaveLength(1);
    expect(await stage.world.money(invoice.id)).toEqual({ charged: [MINI], refunded: [] });
    await expect(retry(order.jobId)).rejects.toMatchObject({ status: 409 });
  },
  60_000,
);

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
  await isUndone({ order, invoice }, before);
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

test('an order that is given up, and its run lost in mid-undoing, is undone to its end, with its money back once', async () => {
  const before = await stage.world.slate();
  await fails('POST /nodes/.*/status/start');
  const { order, invoice } = await bought();
  await blockedItem(order.jobId);
  await fails('^DELETE /nodes/[^/]+/qemu');
  await giveUp(order.jobId);
  await until('it is being undone', async () => (await provision(order.jobId)).status === 'compensating');
  await lose(order.jobId);
  await stage.outside.mend('proxmox');
  await retry(order.jobId);
  await isUndone({ order, invoice }, before);
}, 60_000);

test('an order that is given up while its run is gone is undone after retry, with its money back once', async () => {
  const before = await stage.world.slate();
  await fails('POST /nodes/.*/status/start');
  const { order, invoice } = await bought();
  await blockedItem(order.jobId);
  await lose(order.jobId);
  await giveUp(order.jobId);
  await stage.outside.mend('proxmox');
  await retry(order.jobId);
  await isUndone({ order, invoice }, before);
}, 60_000);

test('an order that is called off while its run is gone stays so after retry, and money that comes late goes back', async () => {
  const before = await stage.world.slate();
  const debit = { name: 'payment-processing', data: { outcome: 'paid', ms: 3_600_000 } };
  await stage.outside.fault('stripe', { match: '^pay', phase: 'switch', action: { kind: 'switch', ...debit } });
  const { order, invoice } = await bought();
  await until('it has begun', async () => (await stage.job(order.jobId)).status === 'running');
  await lose(order.jobId);
  const path = `/invoices/${invoice.id}/status`;
  expect(await stage.admin.send('PATCH', path, { status: 'cancelled' })).toMatchObject({ status: 'unpaid' });
  await retry(order.jobId);
  expect(await stage.ended(order.id)).toMatchObject({ status: 'cancelled' });
  expect(await stage.invoice(invoice.id)).toMatchObject({ status: 'cancelled' });
  const { payment_intents } = await stage.outside.state<{ payment_intents: { id: string; status: string }[] }>(
    'stripe',
  );
  const [intent] = payment_intents.filter(({ status }) => status === 'processing');
  await stage.outside.act('stripe', 'settle', { intent: intent?.id });
  await until('the money has come and gone', async () => {
    expect(await stage.world.money(invoice.id)).toEqual({ charged: [MINI], refunded: [MINI] });
    return true;
  });
  expect(await stage.order(order.id)).toMatchObject({ status: 'cancelled' });
  expect(await stage.world.slate()).toEqual(before);
}, 60_000);
