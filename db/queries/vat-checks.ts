import type { EntityManager } from '@mikro-orm/postgresql';
import { idle } from './renewals.ts';
import { sql } from './rows.ts';

/** Customers whose number is valid by an answer of VIES that is too old. [seconds] */
const AGED = `c.vat_status = 'valid' and not exists (select from vat_check v
  where v.customer_id = c.id and v.vat_id = c.vat_id and v.asked_at > now() - make_interval(secs => ?::float8))`;

export async function isAged(em: EntityManager, customerId: string, seconds: number): Promise<boolean> {
  return (await sql(em, `select c.id from customer c where ${AGED} and c.id = ?`, [seconds, customerId])).length > 0;
}

/** Those that nobody is asking about; a try that came to nothing rests a day. */
export function agedCustomers(
  em: EntityManager,
  seconds: number,
  limit: number,
): Promise<{ id: string; tenantId: string }[]> {
  const text = `select c.id, c.tenant_id as "tenantId" from customer c where ${AGED} and ${idle('c.id')}
    and not exists (select from job where job.target_id = c.id and type = 'vat_check' and created_at > now() - interval '1 day')
    limit ?`;
  return sql(em, text, [seconds, limit]);
}
