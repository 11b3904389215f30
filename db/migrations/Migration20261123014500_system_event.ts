import { Migration } from '@mikro-orm/migrations';

export class Migration20261123014500_system_event extends Migration {
  override name = 'Migration20261123014500_system_event';

  override up(): void {
    this.addSql(
      `create table "system_event" ("id" uuid not null, "tenant_id" uuid null, "type" text not null, "level" text not null, "key" text not null, "message" text not null, "data" jsonb not null default '{}', "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "system_event_created_at_id_index" on "system_event" ("created_at", "id");`);
    this.addSql(`alter table "system_event" add constraint "system_event_type_key_unique" unique ("type", "key");`);
    this.addSql(
      `alter table "system_event" add constraint "system_event_level_check" check ("level" in ('info', 'warning', 'error'));`,
    );
    this.addSql(
      `alter table "system_event" add constraint "system_event_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on delete set null;`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "system_event" cascade;`);
  }
}
