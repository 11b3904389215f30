import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { AUDITED_TABLES, type Audited } from './audited-tables.ts';
import { PLATFORM_CHAIN } from './entities/audit.ts';
import { sql } from './queries/rows.ts';

/**
 * Makes the database audit changes as {@link AUDITED_TABLES} says: a trigger on each table notes what changes, one on the
 * drafts seals them at the commit. Run by the owner after the migrations; a trigger that is as it should be is not touched.
 */
export async function auditChanges(em: EntityManager): Promise<void> {
  await em.transactional(async (tx) => {
    for (const made of [NOTE, SEAL]) await tx.execute(made);
    const there = await triggers(tx);
    for (const [table, wanted] of Object.entries(statements())) {
      const mark = createHash('sha256').update(wanted).digest('hex');
      if (there.get(table) === mark) continue;
      await tx.execute(`${wanted}; comment on trigger audit on "${table}" is '${mark}'`);
    }
  });
}

async function triggers(em: EntityManager): Promise<Map<string, string | null>> {
  const rows = await sql<{ table: string; mark: string | null }>(
    em,
    `select c.relname as table, obj_description(t.oid, 'pg_trigger') as mark from pg_trigger t
     join pg_class c on c.oid = t.tgrelid where t.tgname = 'audit' and c.relnamespace = 'public'::regnamespace`,
  );
  return new Map(rows.map(({ table, mark }) => [table, mark]));
}

function statements(): Record<string, string> {
  const tables = Object.entries(AUDITED_TABLES).flatMap(([table, how]) =>
    typeof how === 'string' ? [] : [[table, noting(table, how)]],
  );
  return { ...Object.fromEntries(tables), audit_draft: SEALING };
}

const noting = (table: string, { type, tenant, id, secret, ignored }: Audited) => `
  drop trigger if exists audit on "${table}";
  create trigger audit after insert or update or delete on "${table}" for each row execute function
    audit_note(${[type, tenant ?? '', id, secret.join(), ignored.join()].map((text) => `'${text}'`).join(', ')})`;

// At the commit: whatever locks the transaction needed, it has. Only the heads of chains are locked after this.
const SEALING = `
  drop trigger if exists audit on audit_draft;
  create constraint trigger audit after insert on audit_draft deferrable initially deferred
    for each row execute function audit_seal()`;

const AS_OWNER = `language plpgsql security definer set search_path = pg_catalog, public set timezone = 'UTC'`;

/** Of several changes to one row in a transaction the first before and the last after remain. */
const NOTE = `
create or replace function audit_note() returns trigger ${AS_OWNER} as $$
declare
  earlier jsonb; later jsonb; whole jsonb; name text;
  ignored text[] := string_to_array(tg_argv[4], ',');
begin
  if tg_op <> 'INSERT' then earlier := to_jsonb(old) - ignored; end if;
  if tg_op <> 'DELETE' then later := to_jsonb(new) - ignored; end if;
  if earlier = later then return null; end if;
  whole := coalesce(later, earlier);
  foreach name in array string_to_array(tg_argv[3], ',') loop
    if jsonb_typeof(later -> name) <> 'null' then
      later := jsonb_set(later, array[name], case when earlier -> name is distinct from later -> name and earlier is not null
        then '"[changed]"' else '"[secret]"' end::jsonb);
    end if;
    if jsonb_typeof(earlier -> name) <> 'null' then earlier := jsonb_set(earlier, array[name], '"[secret]"'); end if;
  end loop;
  insert into audit_draft as draft (id, tenant_id, action, resource_type, resource_id, before, after, noted)
  values (gen_random_uuid(), (whole ->> nullif(tg_argv[1], ''))::uuid, '', tg_argv[0], whole ->> tg_argv[2], earlier, later, true)
  on conflict (tx, resource_type, resource_id) where noted do update set after = excluded.after || coalesce(
    (select jsonb_object_agg(key, value) from jsonb_each(draft.after) where value = '"[changed]"'), '{}');
  return null;
end $$`;

/**
 * The columns of an event that its hash is made of, as text, in this order: SHA-256 of them as a JSON array of strings.
 * Whoever verifies builds the same array (db/queries/audit-chain.ts).
 */
export const HASHED = [
  ...['tenant_id', 'seq', 'prev_hash', 'id', 'actor_type', 'actor_id', 'action', 'resource_type', 'resource_id'],
  ...['metadata', 'before', 'after', 'request_id', 'address'],
].map((column) => `${column}::text`);
HASHED.push(`to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

/**
 * A name that the code gave and the change of its resource become one event. The first call does it for all drafts of the
 * transaction, chain by chain in one order, so that two transactions never wait for each other's.
 */
const SEAL = `
create or replace function audit_seal() returns trigger ${AS_OWNER} as $$
declare
  own xid8 := pg_current_xact_id();
  who jsonb := coalesce(nullif(current_setting('mpanel.actor', true), ''), '{}')::jsonb;
  of_chain uuid; draft record; earlier jsonb; later jsonb; event audit_event; link text;
begin
  for of_chain in select distinct coalesce(tenant_id, '${PLATFORM_CHAIN}') from audit_draft where tx = own order by 1 loop
    insert into audit_head (chain) values (of_chain) on conflict do nothing;
    select head.seq, head.hash into event.seq, link from audit_head head where chain = of_chain for update;
    for draft in
      with mine as (
        select *, row_number() over (partition by noted, resource_id order by id) as nth from audit_draft
        where tx = own and coalesce(tenant_id, '${PLATFORM_CHAIN}') = of_chain
      )
      select named.*, change.before as earlier, change.after as later from mine named left join mine change
        on change.noted and change.resource_id = named.resource_id and change.nth = named.nth where not named.noted
      union all
      select change.*, change.before, change.after from mine change where change.noted and not exists (select from mine named
        where not named.noted and named.resource_id = change.resource_id and named.nth = change.nth)
      order by noted, id
    loop
      earlier := draft.earlier;
      later := draft.later;
      event.action := draft.action;
      if draft.noted then
        event.action := draft.resource_type ||
          case when earlier is null then '.created' when later is null then '.deleted' else '.updated' end;
      end if;
      if earlier is not null and later is not null then
        select jsonb_object_agg(key, earlier -> key), jsonb_object_agg(key, later -> key) into earlier, later
          from jsonb_object_keys(draft.earlier) key where draft.earlier -> key is distinct from draft.later -> key
            or draft.later -> key = '"[changed]"';
      end if;
      continue when draft.noted and earlier is null and later is null;
      event.before := case when later is null then jsonb_strip_nulls(earlier) else earlier end;
      event.after := case when earlier is null then jsonb_strip_nulls(later) else later end;
      event.id := draft.id;
      event.tenant_id := draft.tenant_id;
      event.seq := event.seq + 1;
      event.actor_type := coalesce(who ->> 'type', 'system');
      event.actor_id := (who ->> 'id')::uuid;
      event.resource_type := draft.resource_type;
      event.resource_id := draft.resource_id;
      event.metadata := draft.metadata;
      event.request_id := who ->> 'requestId';
      event.address := who ->> 'address';
      event.created_at := date_trunc('milliseconds', clock_timestamp());
      event.prev_hash := link;
      link := encode(sha256(convert_to(
        json_build_array(${HASHED.map((column) => `event.${column}`.replace('event.to_char(', 'to_char(event.')).join(', ')})::text, 'UTF8')), 'hex');
      event.hash := link;
      insert into audit_event select event.*;
    end loop;
    update audit_head set seq = event.seq, hash = link where chain = of_chain;
  end loop;
  delete from audit_draft where tx = own;
  return null;
end $$`;
