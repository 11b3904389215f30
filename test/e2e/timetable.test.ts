import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { openAsOwner } from '../../db/config.ts';
import { Outbox } from '../../db/entities/index.ts';
import { startJob } from '../../db/queries/jobs.ts';
import { until } from '../support/until.ts';
import { runsOf, withEngine } from './stage/engine.ts';
import { NO_SWEEPS, openStage, type Stage } from './stage/index.ts';

interface Found {
  subject: string;
  state: string;
  job_id: string;
}
interface Issued {
  serial: string;
  ariId: string;
}

/** Nobody asks for a cycle here: whatever is found, the schedule has found. */
describe('the reconciler on its timetable', () => {
  let stage: Stage;
  beforeAll(async () => {
    // A sweep renews what is overdue too.
    stage = await openStage({ env: { RECONCILE_SECONDS: '1', ...NO_SWEEPS } });
  }, 120_000);
  afterEach(async () => {
    for (const system of ['acme', 'stripe'] as const) await stage?.outside.mend(system);
  });
  afterAll(() => stage?.close());

  /** The one finding of a kind, once it is no longer open, and its job over. */
  async function settled(kind: string): Promise<Found> {
    const query = 'select subject, state, job_id from drift_finding where kind = $1';
    const closed = await until(
      `${kind} is found and settled`,
      async () => {
        const rows = await stage.sql<Found>(query, [kind]);
        return rows.length === 1 && rows[0]?.state !== 'open' ? rows[0] : undefined;
      },
      60_000,
    );
    expect(await stage.stands(closed.job_id, 'completed')).toMatchObject({ type: 'drift' });
    return closed;
  }

  async function bought(sku: string): Promise<string> {
    const { order, invoice } = await stage.place(await stage.customer(), [stage.pod(undefined, { sku })]);
    await stage.pay(invoice.id);
    expect(await stage.ended(order.id)).toMatchObject({ status: 'active' });
    return order.items[0]?.resourceId ?? '';
  }

  test('a guest that somebody stopped runs again, though nobody asked', async () => {
    const { vmid } = await stage.world.guestOf(await bought('CPOD-CT'));
    await stage.outside.act('proxmox', 'stop-guest', { vmid });
    expect(await settled('guest_stopped')).toMatchObject({ subject: vmid, state: 'repaired' });
    expect((await stage.world.guests()).find((guest) => guest.vmid === vmid)?.running).toBeDefined();
    const cycles = await until('a second cycle', () =>
      withEngine(stage.platform.env, async (workflow) => {
        const runs = await runsOf(workflow, "WorkflowType = 'reconcile' AND ExecutionStatus = 'Completed'");
        return runs.length > 1 ? runs : undefined;
      }),
    );
    for (const { workflowId } of cycles) expect(workflowId).toMatch(/^mpanel\/reconcile-\d{4}-/);
  }, 120_000);

  test('mpanel_drift_open counts what is open, and falls to zero when it is settled', async () => {
    const series = 'mpanel_drift_open{system="proxmox",kind="guest_orphan"}';
    const counted = async () => {
      const text = await (await fetch(String(stage.platform.parts().workers?.metricsUrl))).text();
      return text.split('\n').flatMap((line) => (line.startsWith(series) ? [Number(line.split(' ').at(-1))] : []));
    };
    const counts = (many: number) =>
      until(`${series} is ${many}`, async () => String(await counted()) === String(many), 30_000);
    await counts(0);
    const vmid = 600_000;
    const mark = { description: `mpanel:${randomUUID()}`, config: { cores: 1, memory: 512, tags: 'mpanel' } };
    await stage.outside.act('proxmox', 'plant-guest', { vmid, kind: 'lxc', name: 'left', ...mark });
    await counts(1);
    await stage.outside.act('proxmox', 'destroy-guest', { vmid });
    await counts(0);
    expect(await settled('guest_orphan')).toMatchObject({ subject: String(vmid), state: 'gone' });
  }, 120_000);

  test('a certificate that its CA wants renewed is renewed', async () => {
    const targetId = await bought('CPOD-MINI');
    const serialOf = async () => {
      const query = 'select serial from certificate where target_id = $1 and status = $2';
      return (await stage.sql<{ serial: string }>(query, [targetId, 'active']))[0]?.serial;
    };
    const serial = await serialOf();
    const { certificates } = await stage.outside.state<{ certificates: Issued[] }>('acme');
    const ariId = certificates.find((one) => one.serial === serial)?.ariId ?? '';
    const now = { kind: 'switch', name: 'ari-now' } as const;
    await stage.outside.fault('acme', { match: ariId, phase: 'switch', times: null, action: now });
    expect(await settled('certificate_overdue')).toMatchObject({ subject: serial, state: 'repaired' });
    expect(await serialOf()).not.toBe(serial);
    const renewals = await stage.sql('select status from job where type = $1', ['certificate_renew']);
    expect(renewals).toEqual([{ status: 'completed' }]);
  }, 120_000);

  test('a payment of which no event came is booked, and its order delivered', async () => {
    const { order, invoice } = await stage.place(await stage.customer(), [stage.pod(undefined, { sku: 'CPOD-CT' })]);
    const lost = { kind: 'switch', name: 'webhook-lost' } as const;
    await stage.outside.fault('stripe', { match: '', phase: 'switch', times: null, action: lost });
    await stage.pay(invoice.id);
    const found = await settled('charge_unbooked');
    expect(found.state).toBe('repaired');
    const audited = await stage.sql('select 1 from audit_event where action = $1 and metadata->>$2 = $3', [
      ...['drift.repaired', 'subject', found.subject],
    ]);
    expect(audited).toHaveLength(1);
    expect(await stage.ended(order.id)).toMatchObject({ status: 'active' });
    expect(await stage.sql('select id from stripe_event where invoice_id = $1', [invoice.id])).toEqual([]);
    const { charged, refunded } = await stage.world.money(invoice.id);
    expect([charged.length, refunded]).toEqual([1, []]);
  }, 120_000);

  test('a start that does not go out is due at once', async () => {
    const [zone] = await stage.sql<{ id: string; tenant_id: string }>('select id, tenant_id from dns_zone limit 1');
    const orm = await openAsOwner({ url: String(stage.platform.env.DATABASE_URL), pool: 1 });
    const { job } = await orm.em.fork().transactional(async (tx) => {
      const started = startJob(tx, { type: 'dns_apply', tenantId: zone!.tenant_id, targetId: zone!.id });
      await tx.flush();
      const tomorrow = new Date(Date.now() + 86_400_000);
      await tx.nativeUpdate(Outbox, { id: started.outboxId }, { attempts: 5, nextAt: tomorrow, error: 'no engine' });
      return started;
    });
    await orm.close(true);
    expect(await settled('start_stale')).toMatchObject({ subject: job.workflowId, state: 'repaired' });
    await stage.stands(job.id, 'completed');
  }, 120_000);
});
