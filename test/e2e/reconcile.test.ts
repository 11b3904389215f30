import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { RECONCILE } from '../../workflows/catalog.ts';
import type { DriftReport } from '../../workflows/contract.ts';
import type { Job, Page } from '../support/client.ts';
import { until } from '../support/until.ts';
import { withEngine } from './stage/engine.ts';
import { openStage, type Stage } from './stage/index.ts';

describe('the reconciler', () => {
  let stage: Stage;
  let cycles = 0;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterEach(() => stage?.outside.mend('proxmox'));
  afterAll(() => stage?.close());

  /** One cycle, begun now. */
  const cycle = (): Promise<DriftReport[]> =>
    withEngine(stage.platform.env, (workflow) =>
      workflow.execute(RECONCILE, { workflowId: `cycle-${++cycles}`, taskQueue: 'mpanel' }),
    );
  const drift = async () => (await stage.admin.get<Page<Job>>('/jobs?type=drift&pageSize=100&sort=createdAt')).items;
  const report = (reports: DriftReport[], system: string) => reports.find((one) => one.system === system);

  async function container() {
    const { order } = await stage.place(await stage.customer(), [stage.pod(undefined, { sku: 'CPOD-CT' })]);
    await stage.pay(order.invoiceId);
    await stage.ended(order.id);
    return stage.world.guestOf(order.items[0]?.resourceId ?? '');
  }

  test('starts again what somebody stopped, and says so', async () => {
    const guest = await container();
    expect(report(await cycle(), 'proxmox')).toMatchObject({ ok: true, compared: 1, found: 0 });
    await stage.outside.act('proxmox', 'stop-guest', { vmid: guest.vmid });
    expect(report(await cycle(), 'proxmox')).toMatchObject({ found: 1 });
    const [job] = await until('the repair', async () => {
      const jobs = await drift();
      return jobs[0]?.status === 'completed' ? jobs : undefined;
    });
    expect(job).toMatchObject({ type: 'drift', status: 'completed' });
    expect((await stage.world.guests()).find(({ vmid }) => vmid === guest.vmid)?.running).toBeDefined();
    expect(await stage.sql('select kind, state from drift_finding')).toEqual([
      { kind: 'guest_stopped', state: 'repaired' },
    ]);
  });

  test('shows a guest that is gone until it is there again, and destroys nothing', async () => {
    const guest = await container();
    await stage.outside.act('proxmox', 'destroy-guest', { vmid: guest.vmid });
    await stage.outside.act('proxmox', 'plant-guest', { vmid: guest.vmid, kind: 'lxc', name: 'somebody' });
    const since = (await stage.outside.requests('proxmox')).at(-1)?.seq ?? 0;
    await cycle();
    const blocked = await until('the finding', async () => (await drift()).find(({ status }) => status === 'blocked'));
    expect(blocked.reason).toContain('does not carry our mark');
    const asked = await stage.outside.requests('proxmox', '', since);
    expect(asked.filter(({ operation }) => !operation.startsWith('GET'))).toEqual([]);
  });

  test('concludes nothing from a system that does not answer', async () => {
    const before = await drift();
    await stage.outside.fault('proxmox', {
      match: 'GET /cluster/resources',
      phase: 'before',
      times: null,
      action: { kind: 'drop' },
    });
    expect(report(await cycle(), 'proxmox')).toMatchObject({
      ok: false,
      found: 0,
      closed: 0,
      detail: expect.stringContaining('no answer'),
    });
    expect(await drift()).toHaveLength(before.length);
  });
});
