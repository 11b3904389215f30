import { press } from '../../e2e/stage/shop.ts';
import { until } from '../../support/until.ts';
import type { WorkflowType } from '../paths.ts';
import { CHORES, type Chore, SWEEPS } from './chores.ts';
import { PATIENCE_MS, type Studio } from './index.ts';

/** A run that goes its way without anybody's decision; answers its job's id. */
export interface Scene {
  type: WorkflowType;
  path: string;
  play(studio: Studio): Promise<string>;
}

function happy({ type, ready }: Chore): Scene {
  return {
    type,
    path: 'happy',
    async play(studio) {
      const { target, begin } = await ready(studio);
      const known = (await studio.jobs(type, target)).map(({ id }) => id);
      await begin();
      const begun = async () => (await studio.jobs(type, target)).find(({ id }) => !known.includes(id));
      return (await until(`a ${type}`, begun, PATIENCE_MS)).id;
    },
  };
}

/** Stands still at its first step, and is retried. */
function blocked({ type, ready }: Chore): Scene {
  return {
    type,
    path: 'blocked',
    async play(studio) {
      const { target, begin } = await ready(studio);
      const mend = await studio.refuse(type, target);
      const stuck = async () => (await studio.jobs(type, target)).find(({ status }) => status === 'blocked');
      await begin();
      const { id } = await until(`a ${type} that stands still`, stuck, PATIENCE_MS).finally(mend);
      await studio.decide(id, 'retry');
      return id;
    },
  };
}

/** Played alone, before the others: what the stand-in does here would strike them too. */
export const FIRST: readonly Scene[] = [
  {
    type: 'order_fulfil',
    path: 'unheard',
    async play(studio) {
      const { order, invoice } = await studio.place(studio.domain(studio.name()));
      const lost = { kind: 'switch', name: 'webhook-lost' } as const;
      await studio.outside.fault('stripe', { match: '', phase: 'switch', action: lost, times: null });
      await studio.pay(invoice.id);
      await studio.outside.mend('stripe');
      return order.jobId;
    },
  },
  {
    type: 'order_fulfil',
    path: 'twice',
    async play(studio) {
      const { order, invoice } = await studio.place(studio.domain(studio.name()));
      const first = await studio.checkout(invoice.id);
      await studio.sql('update checkout_session set expires_at = now() where invoice_id = $1', [invoice.id]);
      const pages = [first, await studio.checkout(invoice.id)];
      // Heard of late, so that both are paid before either can be closed.
      const late = { kind: 'switch', name: 'webhook-late', data: { ms: 500 } } as const;
      await studio.outside.fault('stripe', { match: '', phase: 'switch', action: late, times: null });
      await Promise.all(pages.map((page) => press(page, 'pay')));
      await studio.outside.mend('stripe');
      return order.jobId;
    },
  },
  {
    type: 'drift',
    path: 'happy',
    play: (studio) => drift(studio, 'stop-guest'),
  },
  {
    type: 'drift',
    path: 'blocked',
    async play(studio) {
      const jobId = await drift(studio, 'destroy-guest');
      await studio.blocked(jobId);
      await studio.decide(jobId, 'skip');
      return jobId;
    },
  },
  ...SWEEPS.map(blocked),
];

/** The finding about a guest that somebody did this to behind our back. */
async function drift(studio: Studio, act: string): Promise<string> {
  const { vmid } = await studio.world.guestOf(await studio.runningPod('CPOD-CT'));
  const known = await findings(studio);
  await studio.outside.act('proxmox', act, { vmid });
  await studio.reconcile();
  return until('the finding', async () => (await findings(studio)).find((id) => !known.includes(id)), PATIENCE_MS);
}

const findings = async (studio: Studio): Promise<string[]> =>
  (await studio.sql<{ id: string }>(`select id from job where type = 'drift'`)).map(({ id }) => id);

export const SCENES: readonly Scene[] = [
  {
    type: 'order_fulfil',
    path: 'compensated',
    async play(studio) {
      const domain = studio.name();
      const refused = { domain, nameservers: ['ns1.nobody-has.test', 'ns2.nobody-has.test'] };
      const wishes = [{ ...studio.domain(domain), config: refused }, studio.mail(domain)];
      const { order, invoice } = await studio.place(...wishes);
      await studio.pay(invoice.id);
      return order.jobId;
    },
  },
  {
    type: 'order_fulfil',
    path: 'cancelled',
    async play(studio) {
      const { order, invoice } = await studio.place(studio.pod());
      await studio.setStatus(invoice.id, 'cancelled');
      return order.jobId;
    },
  },
  {
    type: 'order_fulfil',
    path: 'unpaid',
    play: async (studio) => (await studio.place(studio.pod())).order.jobId,
  },
  {
    type: 'subscription_cancel',
    path: 'cancelled',
    async play(studio) {
      const order = await studio.delivered(studio.mail((await studio.ownDomain()).name));
      const { id, jobId } = await studio.cancelSubscription(order.items[0]?.resourceId ?? '', true);
      await until('it is taken back', () => studio.admin.post(`/subscriptions/${id}/keep`), PATIENCE_MS);
      return jobId;
    },
  },
  ...[...CHORES, ...SWEEPS].map(happy),
  ...CHORES.map(blocked),
];
