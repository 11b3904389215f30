import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DRIFT_SYSTEMS } from '../../core/drift.ts';
import { RECONCILE } from '../../workflows/catalog.ts';
import type { DriftReport } from '../../workflows/contract.ts';
import type { PlacedOrder } from '../support/client.ts';
import { until } from '../support/until.ts';
import * as drift from './estate/drift.ts';
import { type Estate, SIZE, seedEstate } from './estate/seed.ts';
import { withEngine } from './stage/engine.ts';
import { NO_SWEEPS, openStage, type Stage } from './stage/index.ts';

const IN_FLIGHT = 5;

describe('drift among two thousand clean resources', () => {
  let stage: Stage;
  let estate: Estate;
  let cycles = 0;
  beforeAll(async () => {
    // Nothing but the cycles asked for here: a sweep would renew what is overdue before anybody compares.
    const env = { RECONCILE_READS: '150', RECONCILE_SECONDS: '0', ...NO_SWEEPS };
    stage = await openStage({ env });
    estate = await seedEstate(stage);
  }, 240_000);
  afterAll(() => stage?.close());

  const cycle = (): Promise<DriftReport[]> =>
    withEngine(stage.platform.env, (workflow) =>
      workflow.execute(RECONCILE, { workflowId: `cycle-${++cycles}`, taskQueue: 'mpanel' }),
    );
  const findings = async () =>
    (await stage.sql<{ what: string }>(`select kind || ' ' || subject as what from drift_finding`))
      .map(({ what }) => what)
      .sort();
  const place = async (): Promise<PlacedOrder> =>
    stage.place(await stage.customer(), [stage.pod(undefined, { sku: 'CPOD-CT' })]);

  test('finds nothing where there is nothing, in few calls', async () => {
    const since = (await stage.outside.requests('proxmox')).at(-1)?.seq ?? 0;
    const reports = await cycle();
    expect(reports.filter(({ ok }) => !ok)).toEqual([]);
    expect(reports.map(({ system }) => system)).toEqual([...DRIFT_SYSTEMS]);
    expect(await findings()).toEqual([]);
    expect(reports[0]?.compared).toBe(SIZE.guests);
    const asked = await stage.outside.requests('proxmox', '^GET /(cluster|nodes/.*/(lxc|qemu))', since);
    expect(asked.length).toBeLessThan(5);
  }, 120_000);

  test('finds every kind of it in one cycle and nothing else, while orders are delivered', async () => {
    const waiting = [await place(), await place()] as const;
    const jobs = waiting.map(({ order }) => order.jobId) as [string, string];
    const made = [
      ...(await drift.driftAtProxmox(stage, estate)),
      ...(await drift.driftAtPowerDns(stage, estate)),
      ...(await drift.driftAtRegistrar(stage, estate)),
      ...(await drift.driftAtCa(stage, estate)),
      ...(await drift.driftAtStripe(stage, estate)),
      ...(await drift.driftAtTemporal(stage, estate, jobs)),
    ];
    const orders = await Promise.all(Array.from({ length: IN_FLIGHT }, place));
    const pages = await Promise.all(orders.map(({ invoice }) => stage.checkout(invoice.id)));
    const paying = Promise.all(pages.map((page) => fetch(`${page}/pay`, { method: 'POST', redirect: 'manual' })));
    const reports = await cycle();
    await paying;
    expect(reports.filter(({ ok }) => !ok)).toEqual([]);
    expect(await findings()).toEqual(made.sort());
    for (const { order } of orders) expect((await stage.ended(order.id)).status).toBe('active');
  }, 180_000);

  test('mends what can be mended, shows the rest, and touches no guest that is not ours', async () => {
    const state = (kind: string) =>
      stage.sql<{ state: string }>('select state from drift_finding where kind = $1', [kind]);
    const mended = [
      'guest_stopped',
      'guest_running',
      'guest_moved',
      'zone_missing',
      'record_missing',
      'record_changed',
      'record_foreign',
      'domain_expiry',
      'refund_failed',
      'run_missing',
    ];
    for (const kind of mended)
      await until(`${kind} is mended`, async () => (await state(kind))[0]?.state === 'repaired', 60_000);
    const shown = [
      'guest_missing',
      'guest_foreign',
      'guest_orphan',
      'guest_resized',
      'domain_transferred',
      'certificate_revoked',
      'charge_unknown',
      'run_orphan',
    ];
    for (const kind of shown) expect([kind, (await state(kind))[0]?.state]).toEqual([kind, 'open']);
    const foreign = new RegExp(`/lxc/(${estate.guests[2]?.vmid}|600000)`);
    const asked = await stage.outside.requests('proxmox');
    expect(asked.filter(({ operation }) => foreign.test(operation) && !operation.startsWith('GET'))).toEqual([]);
    const { items } = await stage.admin.get<{ items: { message: string }[] }>(
      '/system/events?type=drift.found&pageSize=100',
    );
    expect(items.map(({ message }) => message)).toContainEqual(expect.stringContaining('does not carry our mark'));
  }, 180_000);

  test('closes what is not so any more', async () => {
    const name = estate.domains[1]?.name;
    await stage.outside.act('registrar', 'set-nameservers', {
      name,
      nameservers: ['ns1.mpanel.test', 'ns2.mpanel.test'],
    });
    expect((await cycle()).find(({ system }) => system === 'registrar')).toMatchObject({ closed: 1 });
    const [finding] = await stage.sql<{ job_id: string; state: string }>(
      'select job_id, state from drift_finding where subject = $1',
      [name],
    );
    expect(finding?.state).toBe('gone');
    await stage.stands(finding?.job_id ?? '', 'completed');
  }, 120_000);
});
