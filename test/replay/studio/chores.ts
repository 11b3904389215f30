import type { WorkflowType } from '../paths.ts';
import type { Studio } from './index.ts';

/** A job that time brings about, and no request. */
export interface Chore {
  type: WorkflowType;
  /** Makes what it needs; answers how to begin it, and what it will be about where that is known before. */
  ready(studio: Studio): Promise<{ target?: string; begin(): Promise<unknown> }>;
}

/** E-mail that is subscribed to. */
async function subscribed(studio: Studio) {
  const { id: domainId, name } = await studio.ownDomain();
  const order = await studio.delivered(studio.mail(name));
  const resource = order.items[0]?.resourceId ?? '';
  const [row] = await studio.sql<{ id: string }>('select id from subscription where resource_id = $1', [resource]);
  const id = String(row?.id);
  return {
    ...{ id, resource, domainId },
    /** Its next period is to be paid for. */
    ends: () => studio.sql('update subscription set renews_at = now() where id = $1', [id]),
  };
}

/** The same, with an invoice for its next period. */
async function invoiced(studio: Studio) {
  const { id, resource, ends } = await subscribed(studio);
  await ends();
  await studio.over(await studio.jobOf('subscription_renew', id));
  const [invoice] = await studio.sql<{ id: string }>('select id from invoice where subscription_id = $1', [id]);
  const invoiceId = String(invoice?.id);
  const late = `update invoice set due_at = now() - interval '1 year' where id = $1`;
  return { id, resource, invoiceId, isLate: () => studio.sql(late, [invoiceId]) };
}

/** The same, and it was not paid. */
async function suspended(studio: Studio) {
  const { isLate, ...rest } = await invoiced(studio);
  await isLate();
  await studio.over(await studio.jobOf('subscription_suspend', rest.id));
  await studio.over(await studio.jobOf('email_suspend', rest.resource));
  return rest;
}

export const CHORES: readonly Chore[] = [
  {
    type: 'subscription_cancel',
    async ready(studio) {
      const { id, resource } = await subscribed(studio);
      return { target: id, begin: () => studio.cancelSubscription(resource, false) };
    },
  },
  {
    type: 'subscription_renew',
    async ready(studio) {
      const { id, ends } = await subscribed(studio);
      return { target: id, begin: ends };
    },
  },
  {
    type: 'subscription_suspend',
    async ready(studio) {
      const { id, isLate } = await invoiced(studio);
      return { target: id, begin: isLate };
    },
  },
  {
    type: 'email_suspend',
    async ready(studio) {
      const { resource, isLate } = await invoiced(studio);
      return { target: resource, begin: isLate };
    },
  },
  {
    type: 'email_unsuspend',
    async ready(studio) {
      const { resource, invoiceId } = await suspended(studio);
      return { target: resource, begin: () => studio.paid(invoiceId) };
    },
  },
  {
    type: 'subscription_lapse',
    async ready(studio) {
      const { id } = await suspended(studio);
      const long = `update subscription set unpaid_since = now() - interval '1 year' where id = $1`;
      return { target: id, begin: () => studio.sql(long, [id]) };
    },
  },
];

/** A domain that nobody renews is about to run out. */
async function runningOut(studio: Studio) {
  const { id } = await studio.ownDomain();
  const soon = `update domain set expires_at = now() + interval '5 days', auto_renew = false where id = $1`;
  return { begin: () => studio.sql(soon, [id]) };
}

/** What is about a tenant, or a notice that is still to be written. */
export const SWEEPS: readonly Chore[] = [
  {
    type: 'renewal_sweep',
    async ready(studio) {
      const { ends } = await subscribed(studio);
      return { begin: ends };
    },
  },
  { type: 'expiry_sweep', ready: runningOut },
  { type: 'notice_send', ready: runningOut },
  {
    type: 'cleanup_sweep',
    async ready(studio) {
      const dead = `insert into idempotency_key (tenant_id, caller_id, key, fingerprint, created_at)
        select id, id, $1, '', now() - interval '2 days' from tenant`;
      return { begin: () => studio.sql(dead, [studio.name()]) };
    },
  },
];
