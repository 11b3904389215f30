import { setTimeout as sleep } from 'node:timers/promises';
import { JOB_ENDED } from '../core/states.ts';
import { DemoFailure } from '../scripts/demo/failure.ts';
import type { PartName } from '../scripts/launch/context.ts';
import type { Say } from '../scripts/launch/say.ts';
import { closedLoop } from '../scripts/stage/load.ts';
import type { Stage } from '../scripts/stage/stage.ts';
import type { Fate, Outside } from './invariants/evidence.ts';
import { gatherer } from './invariants/gather.ts';
import { judge } from './invariants/index.ts';
import { patientApi } from './patient.ts';
import { quiet } from './quiet.ts';
import { shopper } from './shopper.ts';
import { sourcesOf } from './sources.ts';
import { SORTS } from './wishes.ts';

export interface Size {
  orders: number;
  /** Of them paid, and on their way when everything is killed. */
  paid: number;
}

const NEEDED: readonly PartName[] = ['postgres', 'temporal', 'sandbox'];
const OURS: readonly PartName[] = ['workers', 'api'];
const PROGRESS_WITHIN_S = 30;
const AT_ONCE = 20;
const LOOK_EVERY_MS = 250;
const END_WITHIN_MS = 2 * 3_600_000;
/** Nodes that are shown and cannot be connected to: every order that is paid for has its capacity and no guest. */
const AWAY = {
  match: '^(POST|PUT|DELETE) /nodes/',
  phase: 'before' as const,
  action: { kind: 'status' as const, status: 595 },
  times: null,
};

/** When the first step was done since a moment; of thousands of jobs the API shows no such thing. */
async function firstDone(stage: Stage, moment: number): Promise<number | undefined> {
  const [row] = await stage.sql<{ at: Date | null }>(
    `select min(ended_at) as at from job_step where status = 'done' and ended_at > '${new Date(moment).toISOString()}'`,
  );
  return row?.at?.getTime();
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + END_WITHIN_MS; Date.now() < end; await sleep(LOOK_EVERY_MS)) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  throw new DemoFailure(`waited in vain: ${what}`);
}

/** Everything is killed while so many orders are in flight. Answers figures by row, and what went wrong. */
export async function fly(
  stage: Stage,
  size: Size,
  say: Say = console.log,
): Promise<{ figures: string[][]; wrong: string[] }> {
  const api = patientApi(stage.platform.url, stage.admin);
  const { buy } = await shopper(stage, api);
  const container = SORTS.find(({ name }) => name === 'container')!;
  const bought: Awaited<ReturnType<typeof buy>>[] = [];
  const counted = async (query: string) => (await api.get<{ total: number }>(`/jobs?pageSize=1&${query}`)).total;
  /** Orders whose items are at work: paid and not delivered. */
  const underWay = async () =>
    (await counted('type=cloudpod_provision&status=running')) +
    (await counted('type=cloudpod_provision&status=blocked'));

  await stage.outside.fault('proxmox', AWAY);
  const placing = await closedLoop(size.orders, AT_ONCE, async (index) => {
    // Those that are paid come last: while they wait for Proxmox they are tried again and again.
    const payment = index < size.orders - size.paid ? 'not yet' : 'at once';
    bought.push(await buy({ index, sort: container, payment, domain: '' }));
  });
  say(`${size.orders} orders placed`);
  await until('all that is paid is under way', async () => (await underWay()) >= size.paid || undefined);
  say(`${size.paid} of them paid and on their way: killing everything`);

  await Promise.all([...OURS, ...NEEDED].map((part) => stage.platform.kill(part)));
  const began = Date.now();
  const since = (moment = Date.now()) => (moment - began) / 1000;
  await Promise.all(NEEDED.map((part) => stage.platform.start(part)));
  await Promise.all(OURS.map((part) => stage.platform.start(part)));
  const up = since();
  await stage.outside.mend('proxmox');
  const first = await until('an order goes on', () => firstDone(stage, began));
  const progress = since(first);
  say(`first progress ${progress.toFixed(1)} s after the restart began`);

  const unpaid = bought.filter(({ fate }) => fate === undefined);
  await closedLoop(unpaid.length, AT_ONCE, async (at) => {
    await api.send('PATCH', `/invoices/${unpaid[at]!.invoiceId}/status`, { status: 'cancelled' });
  });
  const sources = await sourcesOf(stage, api);
  const { calm } = await quiet(api, () => sources.state<Outside['stripe']>('stripe'), END_WITHIN_MS);
  const all = since();
  const fates = new Map(bought.map(({ orderId, fate }): [string, Fate] => [orderId, fate ?? 'cancelled']));
  const evidence = await gatherer(sources)(fates);
  await sources.close();
  const ended = evidence.told.jobs.filter(({ type, status }) => type === 'order_fulfil' && JOB_ENDED.includes(status));
  const ends = Map.groupBy(evidence.told.orders, ({ status }) => status);
  return {
    figures: [
      ['orders in flight', String(size.orders)],
      ['  paid and not delivered', String(size.paid)],
      ['placed and paid in', `${placing.toFixed(0)} s`],
      ['all parts answer again after', `${up.toFixed(1)} s`],
      ['first progress after', `${progress.toFixed(1)} s`],
      ['all ended after', `${all.toFixed(0)} s`],
      ...[...ends].map(([status, orders]) => [`  ${status}`, String(orders.length)]),
    ],
    wrong: [
      ...(progress <= PROGRESS_WITHIN_S
        ? []
        : [`first progress after ${progress.toFixed(1)} s, not ${PROGRESS_WITHIN_S}`]),
      ...(calm && ended.length === size.orders ? [] : [`${ended.length} of ${size.orders} orders ended`]),
      ...judge(evidence).map(({ invariant, what }) => `${invariant}: ${what}`),
    ],
  };
}
