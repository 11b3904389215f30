import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { NotNow, ProviderError, Refused } from '../../core/errors.ts';
import { newId } from '../../runtime/ids.ts';
import type { History } from '../replay/recorded.ts';
import { until } from '../support/until.ts';
import { openRuns, type Runs } from './runs.ts';

let runs: Runs;
beforeAll(async () => {
  runs = await openRuns();
}, 60_000);
afterAll(() => runs?.close());
beforeEach(() => {
  runs.acts.clear();
  runs.calls.length = 0;
  Object.assign(runs.tuning, { attempts: 1, events: 4_000 });
});

const denied = (detail: string) =>
  new ProviderError({ provider: 'stripe', operation: 'refund', kind: 'denied', detail });
const said = (kind: string, step?: string) => ({
  eventId: newId(),
  kind,
  reason: 'an operator',
  ...(step ? { step } : {}),
});
const retry = (step?: string) => said('retry', step);
const counted = (name: string) => runs.calls.filter((call) => call.startsWith(`${name} `)).length;
const fails = (error: Error) => () => {
  throw error;
};

test('two steps of an order that stand still at once are both shown, each is tried again by itself', async () => {
  const boxes = [runs.job('mailbox_create'), runs.job('mailbox_create')];
  runs.acts.set('ensureMailbox', fails(new Refused('the name is taken')));
  for (const { targetId } of boxes) runs.acts.set(`refundItem ${targetId}`, fails(denied(`no right to ${targetId}`)));
  const order = runs.order(...boxes);
  await runs.start(order);
  const both = await runs.blocked(order, 2);
  expect(both.status).toBe('blocked');
  for (const { targetId } of boxes) expect(both.reason).toContain(`no right to ${targetId}`);
  const [first, second] = both.blocks.map(({ step }) => step) as [string, string];
  expect(first).not.toBe(second);

  runs.acts.delete(`refundItem ${both.blocks[0]?.reason.split(' ').at(-1)}`);
  await runs.decide(order, retry(first));
  const left = await runs.blocked(order, 1);
  expect(left).toMatchObject({ status: 'blocked', step: second, reason: both.blocks[1]?.reason });
  for (const { targetId } of boxes) runs.acts.delete(`refundItem ${targetId}`);
  await runs.decide(order, retry());
  expect(await runs.result(order)).toMatchObject({ outcome: 'completed' });
});

test('what is decided in the moment in which a step is shown as blocked counts', async () => {
  const box = runs.job('mailbox_create');
  runs.acts.set('ensureMailbox', (_, attempt) => {
    if (attempt === 1) throw denied('no right');
  });
  runs.acts.set('projectJob', async (change) => {
    if ((change as unknown as { status: string }).status === 'blocked') await runs.decide(box, retry('create mailbox'));
  });
  await runs.start(box);
  expect(await runs.result(box)).toEqual({ outcome: 'completed' });
});

test('what is decided about a step that is just being tried again counts when it fails', async () => {
  const box = runs.job('mailbox_create');
  runs.acts.set('ensureMailbox', async (_, attempt) => {
    if (attempt === 2) await runs.decide(box, said('give-up', 'create mailbox'));
    throw attempt < 3 ? new NotNow('not yet', 10) : new Error('tried once too often');
  });
  await runs.start(box);
  expect(await runs.result(box)).toEqual({ outcome: 'compensated', reason: 'an operator' });
});

test('a decision that is none changes nothing and harms nothing', async () => {
  const box = runs.job('mailbox_create');
  runs.acts.set('ensureMailbox', (_, attempt) => {
    if (attempt === 1) throw denied('no right');
  });
  await runs.start(box);
  await runs.blocked(box);
  for (const rubbish of [null, undefined, 7, 'retry', {}, { eventId: 'e', kind: 'explode', reason: '' }])
    await runs.decide(box, rubbish);
  await runs.decide(box, retry());
  expect(await runs.result(box)).toEqual({ outcome: 'completed' });
  expect(counted('ensureMailbox')).toBe(2);
});

/** As it comes to a worker whose codec cannot open it, and as a careless tool may send it. */
const unreadable = [
  { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('with a key that is lost') },
  { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{') },
];

test('a signal that cannot be read stops nothing: a decision is none, money is looked at', async () => {
  const box = runs.job('mailbox_create');
  runs.acts.set('ensureMailbox', (_, attempt) => {
    if (attempt === 1) throw denied('no right');
  });
  const order = runs.order(box);
  await runs.start(order);
  await runs.blocked(box);
  for (const payload of unreadable) {
    await runs.signalRaw(box, 'decide', payload);
    await runs.signalRaw(order, 'payment', payload);
  }
  await until('money was looked at', () => counted('settlePayments') > 0);
  expect(runs.lastOf(box)).toMatchObject({ status: 'blocked' });
  await runs.decide(box, retry());
  expect(await runs.result(order)).toEqual({ outcome: 'completed' });
  expect(counted('ensureMailbox')).toBe(2);
});

test('a child that was killed is shown, and begun again', async () => {
  const box = runs.job('mailbox_create');
  runs.acts.set('ensureMailbox', fails(new NotNow('not yet', 3_600_000)));
  const order = runs.order(box);
  await runs.start(order);
  await runs.blocked(box);
  await runs.handleOf(box).terminate('by a test');
  expect(await runs.blocked(order)).toMatchObject({ reason: 'mailbox_create was ended from outside' });
  runs.acts.delete('ensureMailbox');
  await runs.decide(order, retry());
  expect(await runs.result(order)).toEqual({ outcome: 'completed' });
});

test('an order that is begun anew waits for the child that lived on', async () => {
  const box = runs.job('mailbox_create');
  runs.acts.set('ensureMailbox', (_, attempt) => {
    if (attempt === 1) throw denied('no right');
  });
  let asked = 0;
  runs.acts.set('awaitJob', async () => {
    const { status } = await runs.handleOf(box).describe();
    if (++asked && status.name === 'RUNNING') throw new Error('goes on');
    return { outcome: 'completed' };
  });
  const order = runs.order(box);
  await runs.start(order);
  await runs.blocked(box);
  await runs.handleOf(order).terminate('by a test');
  await runs.start(order);
  await until('it is waited for', () => asked > 2);
  await runs.decide(box, retry());
  expect(await runs.result(order)).toEqual({ outcome: 'completed' });
  expect(counted('ensureMailbox')).toBe(2);
});

/** The lengths of the histories of all its runs. */
async function histories(workflowId: string): Promise<number[]> {
  const lengths: number[] = [];
  let runId: string | undefined = (await runs.client.getHandle(workflowId).describe()).runId;
  while (runId) {
    const history: History = await runs.client.getHandle(workflowId, runId).fetchHistory();
    lengths.unshift(history.events?.length ?? 0);
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
  }
  return lengths;
}

test('a job that is blocked for long goes on in new runs, knows what it did, and can be decided about', async () => {
  Object.assign(runs.tuning, { events: 100 });
  const pod = runs.job('addon_backup');
  let tried = 0;
  runs.acts.set('firstBackup', () => {
    tried++;
    throw new NotNow('no room for a backup', 1, 1);
  });
  const { workflowId } = await runs.start(pod);
  await until('it is tried again and again', () => tried >= 40, 60_000);
  await runs.decide(pod, said('give-up', 'first backup'));
  expect(await runs.result(pod)).toEqual({ outcome: 'compensated', reason: 'an operator' });
  expect(counted('ensureBackupJob')).toBe(1);
  const undone = runs.calls.slice(-3).map((call) => call.split(' ')[0]);
  expect(undone).toEqual(['deleteAddonBackups', 'deleteBackupJob', 'failAddon']);
  const lengths = await histories(workflowId);
  expect(lengths.length).toBeGreaterThan(3);
  // One round of trying and waiting is what comes on top. A year has 9,000 of them (test/workflows/saga.test.ts).
  for (const length of lengths) expect(length).toBeLessThan(100 + 60);
});

test('an order that is blocked for long goes on in new runs beside its child, and ends once', async () => {
  Object.assign(runs.tuning, { events: 100 });
  const [slow, taken] = [runs.job('mailbox_create'), runs.job('mailbox_create')];
  runs.acts.set(`ensureMailbox ${slow.targetId}`, (_, attempt) => {
    if (attempt === 1) throw denied('no right');
  });
  runs.acts.set(`ensureMailbox ${taken.targetId}`, fails(new Refused('the name is taken')));
  runs.acts.set('awaitJob', async ({ jobId }) => {
    const input = jobId === slow.jobId ? slow : taken;
    if ((await runs.handleOf(input).describe()).status.name === 'RUNNING') throw new Error('goes on');
    return runs.result(input);
  });
  let refused = 0;
  runs.acts.set('refundItem', () => {
    if (++refused < 30) throw new NotNow('not yet', 1, 1);
  });
  const order = runs.order(slow, taken);
  const { workflowId } = await runs.start(order);
  await until('it is refused again and again', () => refused >= 30, 60_000);
  await runs.decide(slow, retry());
  expect(await runs.result(order)).toEqual({ outcome: 'completed' });
  expect(counted('finishOrder')).toBe(1);
  expect((await histories(workflowId)).length).toBeGreaterThan(2);
});
