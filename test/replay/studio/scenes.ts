import { press } from '../../e2e/stage/shop.ts';
import { until } from '../../support/until.ts';
import type { WorkflowType } from '../paths.ts';
import { PATIENCE_MS, type Studio } from './index.ts';

/** A run that goes its way without anybody's decision; answers its job's id. */
export interface Scene {
  type: WorkflowType;
  path: string;
  play(studio: Studio): Promise<string>;
}

/** E-mail that is subscribed to: its resource and its subscription, brought to where a sweep finds it. */
async function subscribed(studio: Studio) {
  const domain = await studio.ownDomain();
  const order = await studio.delivered(studio.mail(domain.name));
  const resource = order.items[0]?.resourceId ?? '';
  const [row] = await studio.sql<{ id: string }>('select id from subscription where resource_id = $1', [resource]);
  const id = String(row?.id);
  const due = async () => {
    await studio.sql('update subscription set renews_at = now() where id = $1', [id]);
    return studio.over(await studio.jobOf('subscription_renew', id));
  };
  const overdue = async () => {
    await due();
    await studio.sql(`update invoice set due_at = now() - interval '1 year' where subscription_id = $1`, [id]);
    return studio.over(await studio.jobOf('subscription_suspend', id));
  };
  return { id, resource, domainId: domain.id, due, overdue };
}

/** The newest job of a type, whatever it is about. */
async function anyJob(studio: Studio, type: string): Promise<string> {
  const text = `select id from job where type = $1 and status = 'completed' limit 1`;
  const [row] = await until(
    `a ${type}`,
    async () => {
      const rows = await studio.sql<{ id: string }>(text, [type]);
      return rows.length ? rows : undefined;
    },
    PATIENCE_MS,
  );
  return String(row?.id);
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
    path: 'happy',
    async play(studio) {
      const order = await studio.delivered(studio.mail((await studio.ownDomain()).name));
      return (await studio.cancelSubscription(order.items[0]?.resourceId ?? '', false)).jobId;
    },
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
  {
    type: 'subscription_renew',
    path: 'happy',
    async play(studio) {
      const { id, due } = await subscribed(studio);
      await due();
      return studio.jobOf('subscription_renew', id);
    },
  },
  ...(['subscription_suspend', 'email_suspend', 'email_unsuspend', 'subscription_lapse'] as const).map(
    (type): Scene => ({
      type,
      path: 'happy',
      async play(studio) {
        const { id, resource, overdue } = await subscribed(studio);
        await overdue();
        if (type === 'email_unsuspend') {
          await studio.over(await studio.jobOf('email_suspend', resource));
          const [row] = await studio.sql<{ id: string }>('select id from invoice where subscription_id = $1', [id]);
          await studio.paid(String(row?.id));
        }
        if (type === 'subscription_lapse')
          await studio.sql(`update subscription set unpaid_since = now() - interval '1 year' where id = $1`, [id]);
        return studio.jobOf(type, type.startsWith('email') ? resource : id);
      },
    }),
  ),
  ...(['renewal_sweep', 'expiry_sweep', 'cleanup_sweep', 'notice_send'] as const).map(
    (type): Scene => ({
      type,
      path: 'happy',
      async play(studio) {
        const { due, domainId } = await subscribed(studio);
        await due();
        await studio.runningPod('CPOD-CT');
        const soon = `update domain set expires_at = now() + interval '5 days', auto_renew = false where id = $1`;
        await studio.sql(soon, [domainId]);
        await studio.sql(`insert into idempotency_key (tenant_id, caller_id, key, fingerprint, created_at)
          select id, id, '${type}', '', now() - interval '2 days' from tenant`);
        return anyJob(studio, type);
      },
    }),
  ),
];
