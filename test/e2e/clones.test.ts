import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogEntry } from '../../sandbox/lib/log.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage/index.ts';

const GUESTS = 10;
const AT_A_TIME = 2;
const CLONE = /^POST \/nodes\/pve1\/qemu\/9000\/clone$/;

const dataOf = (entry: LogEntry) => (entry.response as { body?: { data?: unknown } }).body?.data;

/** Clones of the template that ran at the same time, at most: from the answer with the task until it was seen to have ended. */
function mostAtOnce(log: LogEntry[]): number {
  const running = new Set<string>();
  let most = 0;
  for (const entry of log) {
    const data = dataOf(entry);
    if (CLONE.test(entry.operation) && typeof data === 'string') running.add(data);
    const [, upid] = /\/tasks\/([^/]+)\/status$/.exec(entry.operation) ?? [];
    if (upid && (data as { status?: string } | undefined)?.status === 'stopped')
      running.delete(decodeURIComponent(upid));
    most = Math.max(most, running.size);
  }
  return most;
}

describe(`${GUESTS} guests of one template`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({
      speed: 0.2,
      env: {
        PROXMOX_CLONES_PER_TEMPLATE: String(AT_A_TIME),
        PROXMOX_CLONES_PER_STORAGE: '100',
        UNPAID_ORDERS_MAX: '100',
      },
    });
    await stage.sql(`update image set enabled = false where node = 'pve2'`);
  }, 120_000);
  afterAll(() => stage?.close());

  test('are cloned a few at a time, the others are shown waiting; a worker that is killed takes no turn with it', async () => {
    const customer = await stage.customer();
    const placed = await Promise.all(Array.from({ length: GUESTS }, () => stage.place(customer, [stage.pod()])));
    await Promise.all(placed.map(({ invoice }) => stage.pay(invoice.id)));
    await until('some wait', async () => {
      const rows = await stage.sql<{ reason: string }>(
        `select reason from job where status = 'blocked' and step = 'create guest'`,
      );
      for (const { reason } of rows) expect(reason).toMatch(/^\d+ other guests come first at template pve1\/9000$/);
      return rows.length > 0;
    });
    await stage.platform.restart('workers');
    for (const { order } of placed) expect(await stage.ended(order.id, 60_000)).toMatchObject({ status: 'active' });
    const log = await stage.outside.requests('proxmox');
    expect(log.filter(({ operation }) => CLONE.test(operation))).toHaveLength(GUESTS);
    expect(mostAtOnce(log)).toBe(AT_A_TIME);
    expect(await stage.sql(`select from clone_line where line <> '[]'`)).toEqual([]);
  }, 120_000);
});
