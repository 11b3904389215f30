import type { EntityManager } from '@mikro-orm/postgresql';
import type { Config } from '../../runtime/config.ts';
import { asPlatform } from '../tenant-scope.ts';
import { idle } from './renewals.ts';
import { sql } from './rows.ts';

const BUDGET_LOCK = 0x6d70_0009;

/** A certificate that can be renewed now: it is served, by a guest that runs or by nobody of ours. */
const SERVED = `c.status = 'active' and c.not_after > now()
  and (c.target_id is null or exists (select from instance where instance.id = c.target_id and instance.status = 'active'))`;

/** Certificates whose CA has not been asked for a while when it wants them renewed. */
const UNREAD = `select c.tenant_id, c.id from certificate c where ${SERVED} and (c.look_at is null or c.look_at <= now())`;
/** Certificates that are to be renewed. A try that failed rests a day. */
const RENEWABLE = `select c.tenant_id, c.id from certificate c where ${SERVED} and c.renew_at <= now() and ${idle('c.id')}
  and not exists (select from job where job.target_id = c.id and type = 'certificate_renew' and created_at > now() - interval '1 day')`;

/** Names whose time is over and whose registry has not been asked since, or for a while. */
const OVER = `select d.tenant_id, d.id from domain d where d.status in ('active', 'expired') and d.expires_at <= now()
  and ${idle('d.id')} and (d.compared_at is null or d.compared_at < d.expires_at or d.compared_at <= now() - interval '6 hours')`;

const KINDS = {
  domain: `select d.tenant_id, d.id, d.customer_id, d.name, d.expires_at as at from domain d where d.status = 'active'`,
  certificate: `select c.tenant_id, c.id, c.customer_id, c.domain as name, c.not_after as at from certificate c where c.status = 'active'`,
} as const;
export type Expiring = keyof typeof KINDS;

/** What runs out within some days and whose customer has not been told so. [days, days] */
const unwarned = (kind: Expiring) =>
  `select k.*, '${kind}_expiry/' || k.id || '/' || to_char(k.at at time zone 'UTC', 'YYYY-MM-DD') || '/' || w.days as key, w.days
   from (${KINDS[kind]}) k cross join lateral
     (select min(day) as days from unnest(string_to_array(?, ',')::int[]) day where k.at <= now() + make_interval(days => day)) w
   where k.at > now() and k.at <= now() + make_interval(days => ?::int)
     and not exists (select from notification n where n.key =
       '${kind}_expiry/' || k.id || '/' || to_char(k.at at time zone 'UTC', 'YYYY-MM-DD') || '/' || w.days)`;

const days = ({ EXPIRY_WARN_DAYS }: Pick<Config, 'EXPIRY_WARN_DAYS'>) => [
  EXPIRY_WARN_DAYS.join(','),
  Math.max(...EXPIRY_WARN_DAYS),
];

/** Everything that an expiry sweep is begun for. */
export const EXPIRING = `${UNREAD} union all ${RENEWABLE} union all ${OVER} union all select tenant_id, id from (${unwarned('domain')}) d
  union all select tenant_id, id from (${unwarned('certificate')}) c`;
export const expiryParams = (config: Config): unknown[] => [...days(config), ...days(config)];

export interface Warning {
  id: string;
  customer_id: string;
  name: string;
  at: Date;
  key: string;
  days: number;
}

export function warnings(
  em: EntityManager,
  kind: Expiring,
  config: Config,
  tenantId: string,
  limit: number,
): Promise<Warning[]> {
  return sql(em, `select * from (${unwarned(kind)}) due where tenant_id = ? limit ?`, [
    ...days(config),
    tenantId,
    limit,
  ]);
}

export const unreadCertificates = (em: EntityManager, tenantId: string, limit: number) =>
  ids(em, `select id from (${UNREAD}) due where tenant_id = ? limit ?`, [tenantId, limit]);

export const renewableCertificates = (em: EntityManager, tenantId: string, limit: number) =>
  ids(em, `select id from (${RENEWABLE}) due where tenant_id = ? limit ?`, [tenantId, limit]);

export const domainsOver = (em: EntityManager, tenantId: string, limit: number) =>
  ids(em, `select id from (${OVER}) due where tenant_id = ? limit ?`, [tenantId, limit]);

/**
 * Renewals of certificates begun in the last hour, of all tenants: the CA counts them together. Until the transaction ends
 * nobody else counts.
 */
export async function renewalsThisHour(em: EntityManager): Promise<number> {
  await sql(em, 'select pg_advisory_xact_lock(?)', [BUDGET_LOCK]);
  const text = `select count(*)::int as n from job where type = 'certificate_renew' and created_at > now() - interval '1 hour'`;
  const [row] = await asPlatform('the CA counts renewals of all tenants together', () => sql<{ n: number }>(em, text));
  return row?.n ?? 0;
}

async function ids(em: EntityManager, text: string, params: unknown[]): Promise<string[]> {
  return (await sql<{ id: string }>(em, text, params)).map(({ id }) => id);
}
