import { Migration } from '@mikro-orm/migrations';

const TOLD = `"action" text collate "C" not null, "resource_type" text not null, "resource_id" text not null, "metadata" jsonb not null default '{}', "before" jsonb null, "after" jsonb null`;
const CHAIN = `coalesce("tenant_id", '00000000-0000-0000-0000-000000000000'::uuid)`;

export class Migration20261123032300_audit_chain extends Migration {
  override name = 'Migration20261123032300_audit_chain';

  override up(): void {
    this.addSql(
      `create table "audit_head" ("chain" uuid not null, "seq" bigint not null default '0', "hash" text not null default '', primary key ("chain"));`,
    );
    this.addSql(
      `create table "audit_draft" ("id" uuid not null, "tx" xid8 not null default pg_current_xact_id(), "tenant_id" uuid null, ${TOLD}, "noted" boolean not null default false, primary key ("id"));`,
    );
    this.addSql(`create index "audit_draft_tx_index" on "audit_draft" ("tx");`);
    this.addSql(`create unique index audit_draft_noted on audit_draft (tx, resource_type, resource_id) where noted;`);

    this.addSql(`alter table "audit_event" drop constraint "audit_event_tenant_id_foreign";`);
    this.addSql(`alter table "audit_event" alter column "tenant_id" drop not null;`);
    this.addSql(`alter table "audit_event" alter column "action" type text collate "C";`);
    this.addSql(
      `alter table "audit_event" add column "seq" bigint, add column "actor_type" text, add column "before" jsonb null, add column "after" jsonb null, add column "prev_hash" text, add column "hash" text;`,
    );
    this.addSql(CHAIN_WHAT_IS_THERE);
    this.addSql(
      `alter table "audit_event" alter column "seq" set not null, alter column "actor_type" set not null, alter column "prev_hash" set not null, alter column "hash" set not null;`,
    );
    this.addSql(
      `alter table "audit_event" add constraint "audit_event_actor_type_check" check ("actor_type" in ('user', 'api_key', 'operator', 'system'));`,
    );
    this.addSql(`drop index "audit_event_resource_id_index";`);
    for (const column of ['actor_id', 'resource_type', 'resource_id'])
      this.addSql(
        `create index "audit_event_tenant_id_${column}_created_at_id_index" on "audit_event" ("tenant_id", "${column}", "created_at", "id");`,
      );
    this.addSql(`create index "audit_event_tenant_id_action_index" on "audit_event" ("tenant_id", "action");`);
    this.addSql(
      `create unique index audit_event_chain on audit_event (coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'::uuid), seq);`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "audit_draft" cascade;`);
    this.addSql(`drop table if exists "audit_head" cascade;`);
    this.addSql(`drop function if exists audit_seal() cascade;`);
    this.addSql(`drop function if exists audit_note() cascade;`);
    for (const column of ['actor_id', 'resource_type', 'resource_id'])
      this.addSql(`drop index "audit_event_tenant_id_${column}_created_at_id_index";`);
    this.addSql(`drop index "audit_event_tenant_id_action_index";`);
    this.addSql(`drop index "audit_event_chain";`);
    this.addSql(`create index "audit_event_resource_id_index" on "audit_event" ("resource_id");`);
    // The platform's own had no place before.
    this.addSql(
      `delete from "audit_event" where "tenant_id" is null or "tenant_id" not in (select "id" from "tenant");`,
    );
    this.addSql(
      `alter table "audit_event" drop column "seq", drop column "actor_type", drop column "before", drop column "after", drop column "prev_hash", drop column "hash";`,
    );
    this.addSql(`alter table "audit_event" alter column "action" type text;`);
    this.addSql(`alter table "audit_event" alter column "tenant_id" set not null;`);
    this.addSql(
      `alter table "audit_event" add constraint "audit_event_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
  }
}

/** In the order in which they were written, as db/audit-triggers.ts does it from now on. */
const CHAIN_WHAT_IS_THERE = `do $$
declare event record; place bigint; link text; hashed text;
begin
  for event in select * from audit_event order by ${CHAIN}, created_at, id loop
    insert into audit_head (chain) values (event.tenant_id) on conflict do nothing;
    select seq + 1, hash into place, link from audit_head where chain = event.tenant_id;
    hashed := encode(sha256(convert_to(json_build_array(event.tenant_id::text, place::text, link, event.id::text,
      case when event.actor_id is null then 'system' else 'user' end, event.actor_id::text, event.action, event.resource_type,
      event.resource_id, event.metadata::text, null, null, event.request_id, event.address,
      to_char(event.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text, 'UTF8')), 'hex');
    update audit_event set seq = place, prev_hash = link, hash = hashed,
      actor_type = case when actor_id is null then 'system' else 'user' end where id = event.id;
    update audit_head set seq = place, hash = hashed where chain = event.tenant_id;
  end loop;
end $$;`;
