import { Migration } from '@mikro-orm/migrations';

export class Migration20261123033600_api_key extends Migration {
  override name = 'Migration20261123033600_api_key';

  override up(): void {
    this.addSql(
      `create table "api_key" ("id" uuid not null, "tenant_id" uuid not null, "user_id" uuid not null, "name" text not null, "prefix" text not null, "hash" text not null, "scopes" text[] not null, "expires_at" timestamptz(3) null, "last_used_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`alter table "api_key" add constraint "api_key_hash_unique" unique ("hash");`);
    this.addSql(
      `create index "api_key_tenant_id_user_id_created_at_id_index" on "api_key" ("tenant_id", "user_id", "created_at", "id");`,
    );
    this.addSql(
      `alter table "api_key" add constraint "api_key_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "api_key" add constraint "api_key_user_id_foreign" foreign key ("user_id") references "users" ("id");`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "api_key" cascade;`);
  }
}
