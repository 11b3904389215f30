import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Migration } from '@mikro-orm/migrations';
import { openAsOwner } from '../../db/config.ts';
import { migrateUp } from '../../db/migrate.ts';
import { type Customer, HttpRefusal, type PlacedOrder } from '../support/client.ts';
import { until } from '../support/until.ts';
import { runsOf, withEngine } from './stage/engine.ts';
import { openStage, type Stage } from './stage/index.ts';
import { startWorker, type Worker } from './stage/worker.ts';

const ROOMY = { UNPAID_ORDERS_MAX: '1000', PROXMOX_CLONES_PER_STORAGE: '100' };

/** Orders of one container each, from a customer of their own. */
function buyer(stage: Stage, customer: Customer) {
  const setStatus = ({ invoice }: PlacedOrder, status: 'paid' | 'cancelled') =>
    asOftenAsTold(() => stage.admin.send('PATCH', `/invoices/${invoice.id}/status`, { status }));
  const place = () => stage.place(customer, [stage.pod(undefined, { sku: 'CPOD-CT' })]);
  return {
    place: (count: number) => eightAtATime(Array.from({ length: count }, () => place)),
    pay: (orders: PlacedOrder[]) => eightAtATime(orders.map((order) => () => setStatus(order, 'paid'))),
    callOff: (orders: PlacedOrder[]) => eightAtATime(orders.map((order) => () => setStatus(order, 'cancelled'))),
  };
}

/** As a client does that is told 503: a migration may have gone first. */
async function asOftenAsTold<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HttpRefusal) || error.status !== 503) throw error;
    await wait(1000);
    return asOftenAsTold(work);
  }
}

async function eightAtATime<T>(work: (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const queue = work.entries();
  const hand = async () => {
    for (const [index, next] of queue) results[index] = await next();
  };
  await Promise.all(Array.from({ length: 8 }, hand));
  return results;
}

/** How many orders stand how. */
async function standing(stage: Stage): Promise<Record<string, number>> {
  const rows = await stage.sql<{ status: string; count: number }>(
    'select status, count(*)::int as count from orders group by status',
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

const stands = (stage: Stage, wanted: Record<string, number>, withinMs: number) =>
  until(
    JSON.stringify(wanted),
    async () => {
      expect(await standing(stage)).toEqual(wanted);
      return true;
    },
    withinMs,
  );

/** Nothing is under way any more, neither by our rows nor by Temporal's. */
async function nothingIsOpen(stage: Stage): Promise<void> {
  await until(
    'every job has ended',
    async () => {
      const open = `select type, status, step, reason from job where status not in ('completed', 'cancelled', 'compensated')`;
      expect(await stage.sql(open)).toEqual([]);
      return true;
    },
    60_000,
  );
  await until('every run is closed', () =>
    withEngine(stage.platform.env, async (workflow) => {
      expect(await runsOf(workflow, `ExecutionStatus = 'Running'`)).toEqual([]);
      return true;
    }),
  );
}

/** As Proxmox has it: a guest for each of these, made once, and no other. */
async function guestsAre(stage: Stage, orders: PlacedOrder[]): Promise<void> {
  const wanted = orders.map(({ order }) => String(order.items[0]?.resourceId));
  const { guests, tasks } = await stage.outside.state<{
    guests: { vmid: string; config: { description?: string; template?: string } }[];
    tasks: { type: string; id: string }[];
  }>('proxmox');
  const made = guests.filter(({ config }) => config.template !== '1');
  const owners = made.map(({ config }) => wanted.find((id) => config.description?.includes(id)));
  expect(owners.sort()).toEqual(wanted.sort());
  expect(
    tasks
      .filter(({ type }) => type === 'vzcreate')
      .map(({ id }) => id)
      .sort(),
  ).toEqual(made.map(({ vmid }) => vmid).sort());
}

const NEXT = 'Migration29991231235959_next';

class NextVersion extends Migration {
  override up(): void {
    for (const table of ['job', 'job_step', 'orders', 'invoice', 'instance', 'outbox']) {
      this.addSql(`alter table "${table}" add column "of_next_version" text not null default 'as it was'`);
      this.addSql(`create index "${table}_of_next_version" on "${table}" ("of_next_version")`);
    }
    this.addSql(
      'create table "next_note" ("id" uuid primary key, "order_id" uuid not null references "orders" ("id"))',
    );
  }
}

describe('a migration while orders are in flight', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ env: ROOMY });
  }, 240_000);
  afterAll(() => stage?.close());

  /** What the next version adds to the tables that are written most. */
  async function migrateFurther(): Promise<string[]> {
    const orm = await openAsOwner({ url: String(stage.platform.env.DATABASE_URL), pool: 2 });
    const migrationsList = [{ name: NEXT, class: NextVersion }];
    orm.config.set('migrations', { ...orm.config.get('migrations'), migrationsList });
    try {
      return await migrateUp(orm);
    } finally {
      await orm.close(true);
    }
  }

  test('none is lost or stuck, and what is started by the version before goes on with the new schema', async () => {
    const slow = { phase: 'after' as const, action: { kind: 'delay' as const, ms: 100 }, times: null };
    await stage.outside.fault('proxmox', { match: '^(POST|PUT) ', ...slow });
    const { place, pay } = buyer(stage, await stage.customer());
    const orders = await place(16);
    await pay(orders.slice(0, 8));
    await until('some guests are being made', async () => (await stage.world.guests()).length > 2, 60_000);

    const [ran] = await Promise.all([migrateFurther(), pay(orders.slice(8, 12))]);
    expect(ran).toEqual([NEXT]);
    expect(await standing(stage)).not.toEqual({ active: 16 });
    for (const part of ['workers', 'api'] as const) await stage.platform.restart(part);
    await pay(orders.slice(12));

    await stands(stage, { active: 16 }, 90_000);
    await nothingIsOpen(stage);
    await guestsAre(stage, orders);
    expect(await stage.sql('select distinct of_next_version as found from orders')).toEqual([{ found: 'as it was' }]);
  }, 240_000);
});

describe('two workers restarted one after the other', () => {
  let stage: Stage;
  const workers: Worker[] = [];
  beforeAll(async () => {
    stage = await openStage({ env: ROOMY });
    await stage.platform.kill('workers');
    workers.push(...(await Promise.all(['worker-1', 'worker-2'].map((name) => startWorker(stage, name)))));
  }, 240_000);
  afterAll(async () => {
    for (const worker of workers) worker.kill();
    await stage?.close();
  });

  test('with 200 orders in flight: none stuck, none lost, each guest once', async () => {
    const { place, pay, callOff } = buyer(stage, await stage.customer());
    const orders = await place(200);
    expect(await standing(stage)).toEqual({ pending: 200 });
    const [wanted, unwanted] = [orders.slice(0, 40), orders.slice(40)];
    await pay(wanted.slice(0, 16));
    await until('the first guests are made', async () => (await stage.world.guests()).length > 0, 60_000);
    expect((await standing(stage)).active ?? 0).toBeLessThan(16);

    for (const [index, worker] of workers.entries()) {
      const [from, to] = [index * 12, index * 12 + 12];
      const meanwhile = [pay(wanted.slice(16 + from, 16 + to)), callOff(unwanted.slice(from, to))];
      expect(await worker.stop()).toBe(0);
      await Promise.all(meanwhile);
      await worker.start();
    }
    await callOff(unwanted.slice(24));

    await stands(stage, { active: 40, cancelled: 160 }, 240_000);
    await nothingIsOpen(stage);
    await guestsAre(stage, wanted);
    expect(await stage.sql('select count(*)::int as held from ip_address where instance_id is not null')).toEqual([
      { held: 40 },
    ]);
  }, 400_000);
});
