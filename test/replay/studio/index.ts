import { JOB_ENDED } from '../../../core/states.ts';
import { withClient } from '../../../scripts/launch/database.ts';
import { RECONCILE } from '../../../workflows/catalog.ts';
import { withEngine } from '../../e2e/stage/engine.ts';
import { openStage, type Stage } from '../../e2e/stage/index.ts';
import { press, type Wish } from '../../e2e/stage/shop.ts';
import type { Customer, Order, PlacedOrder } from '../../support/client.ts';
import { until } from '../../support/until.ts';

const SETTINGS = {
  STEP_ATTEMPTS: '2',
  SWEEP_SECONDS: '1',
  CANCEL_UNDO_SECONDS: '1',
  CLEANUP_SECONDS: '1',
  // Long enough to pay in on a busy machine.
  PAYMENT_WINDOW_SECONDS: '45',
  UNPAID_ORDERS_MAX: '1000',
};
export const PATIENCE_MS = 120_000;

/**
 * What makes every job stand still, as late as possible, so that much has to be undone: hence guests that something is done
 * with are containers where a new one must not be hit before its certificate.
 */
const BREAKAGES = [
  ['proxmox', '/lxc/.*/(status|firewall/ipset)', 500],
  ['proxmox', '^DELETE /nodes|/resize|vzdump|/cluster/backup', 500],
  ['registrar', 'domain:(create|renew)', 2400],
  ['powerdns', '^PATCH .*example', 500],
  ['acme', '^POST /finalize', 500],
  ['stripe', 'POST /v1/refunds|GET /v1/checkout/sessions/', 500],
  ['vies', 'check-vat-number', 500],
] as const;

export interface Begun {
  job: { id: string };
}

/** The platform with what recording needs beyond the stage of the end-to-end tests. */
export async function openStudio() {
  const stage = await openStage({ ownServers: true, env: SETTINGS });
  return { ...stage, stage, ...actions(stage, await stage.customer()) };
}
export type Studio = Awaited<ReturnType<typeof openStudio>>;

function actions(stage: Stage, buyer: Customer) {
  const finished = (id: string) => stage.stands(id, 'completed', PATIENCE_MS);
  const place = (...wishes: Wish[]): Promise<PlacedOrder> => stage.place(buyer, wishes);
  /** Recorded by an operator: no page of Stripe is needed. */
  const paid = (invoiceId: string) => setStatus(invoiceId, 'paid');
  const setStatus = (invoiceId: string, status: string) =>
    stage.admin.send('PATCH', `/invoices/${invoiceId}/status`, { status });

  /** Asked again where a busy machine did not answer in time. */
  const checkout = (invoiceId: string) => until('a page', () => stage.checkout(invoiceId), PATIENCE_MS);

  /** Of this type, on this target where it is given, newest first. */
  const jobs = (type: string, targetId?: string): Promise<{ id: string; status: string }[]> =>
    stage.sql(
      'select id, status from job where type = $1 and target_id = coalesce($2, target_id) order by created_at desc',
      [type, targetId ?? null],
    );

  /** The newest job of this type on this target, once there is one. */
  const jobOf = (type: string, targetId: string): Promise<string> =>
    until(`a ${type}`, async () => (await jobs(type, targetId))[0]?.id, PATIENCE_MS);

  const mailHost = (statement: string) =>
    withClient(String(stage.platform.env.MAIL_DATABASE_URL), (client) => client.query(statement));

  const mends: (() => Promise<unknown>)[] = [];
  let refused = 0;
  /**
   * Our own database refuses what jobs of this type do, on this target where it is given: so stands still what needs
   * nobody outside. Answers how to mend that.
   */
  async function refuse(type: string, targetId?: string): Promise<() => Promise<unknown>> {
    const name = `refused_${++refused}`;
    const about = `type = '${type}'${targetId ? ` and target_id = '${targetId}'` : ''}`;
    await stage.sql(`create function ${name}() returns trigger language plpgsql as $$ begin
      if exists (select from job where id = new.job_id and ${about}) then raise exception 'refused on purpose'; end if;
      return new;
    end $$;
    create trigger ${name} before insert or update on job_step for each row when (new.status = 'running')
      execute function ${name}();`);
    return () => stage.sql(`drop function ${name} cascade`);
  }

  async function delivered(...wishes: Wish[]): Promise<Order> {
    const { order, invoice } = await place(...wishes);
    await paid(invoice.id);
    const ended = await stage.ended(order.id, PATIENCE_MS);
    if (ended.status !== 'active') throw new Error(`the order is ${ended.status}: ${ended.items[0]?.reason}`);
    return ended;
  }

  /** A job by a request, seen to its end. */
  async function done<T extends Begun>(begun: T): Promise<T> {
    await finished(begun.job.id);
    return begun;
  }

  return {
    buyer,
    place,
    paid,
    setStatus,
    jobs,
    jobOf,
    refuse,
    checkout,
    async pay(invoiceId: string): Promise<void> {
      await press(await checkout(invoiceId), 'pay');
    },
    delivered,
    done,
    /** A CloudPod that runs; answers its id. */
    async runningPod(sku = 'CPOD-MINI'): Promise<string> {
      const wish = { customerId: buyer.id, productId: stage.product(sku), name: stage.name().split('.')[0] };
      const made = await stage.admin.post<Begun & { cloudPod: { id: string } }>('/cloudpods', wish);
      return (await done(made)).cloudPod.id;
    },
    /** A domain of the customer's: its id and name. */
    async ownDomain(): Promise<{ id: string; name: string }> {
      const name = stage.name();
      const wish = { customerId: buyer.id, domain: name, years: 1 };
      const made = await stage.admin.post<Begun & { domain: { id: string } }>('/domains/register', wish);
      return { id: (await done(made)).domain.id, name };
    },
    async cancelSubscription(resourceId: string, cancelAtPeriodEnd: boolean): Promise<{ id: string; jobId: string }> {
      const [row] = await stage.sql<{ id: string }>('select id from subscription where resource_id = $1', [resourceId]);
      const path = `/subscriptions/${row?.id}`;
      const { job } = await stage.admin.post<Begun>(`${path}/cancel`, { cancelAtPeriodEnd });
      return { id: String(row?.id), jobId: job.id };
    },
    /** One cycle of the reconciler, to its end. */
    async reconcile(): Promise<void> {
      const cycle = { workflowId: `cycle-${stage.name()}`, taskQueue: 'mpanel' };
      await withEngine(stage.platform.env, (workflow) => workflow.execute(RECONCILE, cycle));
    },
    /** Once the job has ended, however. */
    over: (jobId: string) =>
      until('the job ends', async () => JOB_ENDED.includes((await stage.job(jobId)).status), PATIENCE_MS),
    /** The job as soon as it stands still, or the reason why it does not. */
    blocked: (jobId: string) => stage.stands(jobId, 'blocked', PATIENCE_MS),
    decide: (jobId: string, verb: 'retry' | 'skip' | 'give-up') =>
      stage.admin.post(`/jobs/${jobId}/${verb}`, verb === 'retry' ? undefined : { reason: 'not wanted any more' }),
    async break(): Promise<void> {
      for (const [system, match, status] of BREAKAGES)
        await stage.outside.fault(system, { match, phase: 'before', action: { kind: 'status', status }, times: null });
      await mailHost(`alter table virtual_mailboxes rename to virtual_mailboxes_away`);
      for (const type of ['guardian_scan', 'guardian_remediate']) mends.push(await refuse(type));
    },
    async mend(): Promise<void> {
      for (const [system] of BREAKAGES) await stage.outside.mend(system);
      await mailHost(`alter table virtual_mailboxes_away rename to virtual_mailboxes`);
      for (const mend of mends.splice(0)) await mend();
    },
  };
}
