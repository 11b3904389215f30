import type { EntityManager } from '@mikro-orm/postgresql';
import type { Config } from '../../runtime/config.ts';
import { asPlatform } from '../tenant-scope.ts';
import { sql } from './rows.ts';

type Ages = Pick<Config, 'CLEANUP_SECONDS' | 'OUTBOX_KEEP_SECONDS'>;

/**
 * Rows that nobody asks for any more, by table. An idempotency key counts for 24 hours; what a job that goes on was
 * told is what it is begun anew with.
 */
const DEAD = {
  idempotency_key: `created_at < now() - interval '24 hours'`,
  job_event: `created_at < now() - interval '30 days'`,
  rate_limit: 'ends_at < now()',
  refresh_token: 'expires_at < now()',
  mailed_token: 'expires_at < now()',
  oidc_login: 'expires_at < now()',
  oidc_ticket: 'expires_at < now()',
  oidc_logout: 'expires_at < now()',
  oidc_session: 'not exists (select from refresh_token t where t.family_id = oidc_session.family_id)',
  sign_in_guard: `changed_at < now() - interval '30 days'`,
  stream_ticket: 'expires_at < now()',
  outbox: `state = 'sent' and created_at < now() - make_interval(secs => ?::float8) and not exists (
    select from job where job.workflow_id = outbox.workflow_id and job.ended_at is null)`,
} as const;
type Table = keyof typeof DEAD;
export const TABLES = Object.keys(DEAD) as Table[];

/** So that no statement holds its rows for long. */
export const BATCH = 5_000;

const params = (table: Table, ages: Ages) => (table === 'outbox' ? [ages.OUTBOX_KEEP_SECONDS] : []);

/** The tenant of the house, where something is dead and was not swept for a while; else nobody. */
export async function cleanupDue(em: EntityManager, ages: Ages): Promise<string[]> {
  const dead = TABLES.map((table) => `exists (select from ${table} where ${DEAD[table]})`).join(' or ');
  const rows = await sql<{ id: string }>(
    em,
    `select id from tenant where (${dead})
       and not exists (select from job where type = 'cleanup_sweep' and created_at > now() - make_interval(secs => ?::float8))
     order by created_at, id limit 1`,
    [...TABLES.flatMap((table) => params(table, ages)), ages.CLEANUP_SECONDS],
  );
  return rows.map(({ id }) => id);
}

/** Deletes some of a table's, and answers how many; fewer than {@link BATCH} were the last. */
export async function deleteDead(em: EntityManager, table: Table, ages: Ages): Promise<number> {
  const some = `select ctid from ${table} where ${DEAD[table]} limit ${BATCH}`;
  const text = `delete from ${table} where ctid = any(array(${some})) returning 1`;
  const deleted = await asPlatform('what is dead goes for all tenants', () => sql(em, text, params(table, ages)));
  return deleted.length;
}
