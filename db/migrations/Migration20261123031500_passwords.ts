import { Migration } from '@mikro-orm/migrations';

export class Migration20261123031500_passwords extends Migration {
  override name = 'Migration20261123031500_passwords';

  override up(): void {
    this.addSql(
      `create table "mailed_token" ("id" uuid not null, "user_id" uuid not null, "right" text not null, "hash" text not null, "expires_at" timestamptz(3) not null, "used_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "mailed_token_user_id_index" on "mailed_token" ("user_id");`);
    this.addSql(`alter table "mailed_token" add constraint "mailed_token_hash_unique" unique ("hash");`);
    this.addSql(
      `create table "sign_in_guard" ("account" text not null, "address" text not null, "failures" int not null, "blocked_until" timestamptz(3) null, "succeeded_at" timestamptz(3) null, "changed_at" timestamptz(3) not null, primary key ("account", "address"));`,
    );
    this.addSql(
      `alter table "mailed_token" add constraint "mailed_token_user_id_foreign" foreign key ("user_id") references "users" ("id");`,
    );
    this.addSql(
      `alter table "mailed_token" add constraint "mailed_token_right_check" check ("right" in ('reset', 'invitation'));`,
    );
    this.addSql(`alter table "notification" add "user_id" uuid null, add "right" text null;`);
    this.addSql(
      `alter table "notification" add constraint "notification_right_check" check ("right" in ('reset', 'invitation'));`,
    );
  }

  override down(): void {
    this.addSql(`alter table "notification" drop constraint "notification_right_check";`);
    this.addSql(`alter table "notification" drop column "right", drop column "user_id";`);
    this.addSql(`drop table if exists "sign_in_guard" cascade;`);
    this.addSql(`drop table if exists "mailed_token" cascade;`);
  }
}
