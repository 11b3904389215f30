import type { EntityManager } from '@mikro-orm/postgresql';
import { JOB_ENDED } from '../../core/states.ts';
import { Invoice, Subscription } from '../entities/index.ts';
import { all, set } from './entity.ts';
import { lockRow, sql } from './rows.ts';

const ENDED = JOB_ENDED.map((status) => `'${status}'`).join(', ');
/** Nothing is being done to any of these. */
export const idle = (...ids: string[]) =>
  `not exists (select from job where job.target_id in (${ids.join(', ')}) and job.status not in (${ENDED}))`;

const RENEWED = `exists (select from invoice i where i.subscription_id = s.id and i.period_start = s.renews_at and i.status <> 'cancelled')`;

/** What is due of a kind, as SQL that selects tenant_id and id; parameters are seconds. */
export const DUE = {
  /** Subscriptions whose next period nobody has been asked to pay. [seconds ahead of its end, of a domain's] */
  renewal: `select s.tenant_id, s.id from subscription s left join domain d on d.id = s.resource_id
    where s.status in ('active', 'suspended') and not s.cancel_at_period_end and (d.id is null or (d.auto_renew and d.status = 'active'))
      and s.renews_at <= now() + make_interval(secs => case when d.id is null then ?::float8 else ?::float8 end)
      and not ${RENEWED} and ${idle('s.id', 's.resource_id')}`,
  /** Subscriptions whose renewal is unpaid. [seconds after it was due] */
  suspension: `select s.tenant_id, s.id from subscription s join invoice i on i.subscription_id = s.id and i.status = 'unpaid'
    where s.status = 'active' and i.due_at <= now() - make_interval(secs => ?::float8) and ${idle('s.id')}`,
  /** Subscriptions that stand suspended for it. [seconds since] */
  lapse: `select s.tenant_id, s.id from subscription s
    where s.status = 'suspended' and s.unpaid_since <= now() - make_interval(secs => ?::float8) and ${idle('s.id')}`,
  /** Names of the house that renew themselves: nobody subscribes to them. A refused try rests a day. [seconds ahead] */
  domain: `select d.tenant_id, d.id from domain d
    where d.status = 'active' and d.auto_renew and d.renewal is null and d.expires_at <= now() + make_interval(secs => ?::float8)
      and not exists (select from subscription s where s.resource_id = d.id)
      and not exists (select from job where job.target_id = d.id and type = 'domain_renew' and created_at > now() - interval '1 day')
      and ${idle('d.id')}`,
} as const;
export type Due = keyof typeof DUE;

/** Tenants for whom something of a kind is due. */
export async function tenantsDue(em: EntityManager, due: string, params: unknown[]): Promise<string[]> {
  const rows = await sql<{ tenant_id: string }>(em, `select distinct tenant_id from (${due}) due`, params);
  return rows.map((row) => row.tenant_id);
}

/** Ids of what is due for a tenant. */
export async function dueIds(
  em: EntityManager,
  due: string,
  params: unknown[],
  { tenantId, limit }: { tenantId: string; limit: number },
): Promise<string[]> {
  const text = `select id from (${due}) due where tenant_id = ? limit ?`;
  const rows = await sql<{ id: string }>(em, text, [...params, tenantId, limit]);
  return rows.map(({ id }) => id);
}

/** The renewal that a subscription's customer has been asked to pay and has not. */
export function openRenewal(em: EntityManager, subscriptionId: string): Promise<Invoice | null> {
  return lockRow(em, Invoice, { subscriptionId, status: 'unpaid' });
}

/** Nobody is asked to pay any more for what ends; money that still comes in goes back. */
export async function cancelRenewals(em: EntityManager, subscriptionIds: string[]): Promise<void> {
  await set(em, Invoice, { subscriptionId: { $in: subscriptionIds }, status: 'unpaid' }, { status: 'cancelled' });
}

/** The same for all that pays for resources. */
export async function cancelRenewalsOf(em: EntityManager, resourceIds: string[]): Promise<void> {
  const rows = await all(em, Subscription, { resourceId: { $in: resourceIds } });
  await cancelRenewals(
    em,
    rows.map(({ id }) => id),
  );
}

/** Whether the renewal of a resource is waiting for its money. */
export async function isRenewing(em: EntityManager, resourceId: string): Promise<boolean> {
  const text = `select i.id from invoice i join subscription s on s.id = i.subscription_id where s.resource_id = ? and i.status = 'unpaid'`;
  return (await sql(em, text, [resourceId])).length > 0;
}
