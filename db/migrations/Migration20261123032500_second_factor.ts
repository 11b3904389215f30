import { Migration } from '@mikro-orm/migrations';

export class Migration20261123032500_second_factor extends Migration {
  override name = 'Migration20261123032500_second_factor';

  override up(): void {
    this.addSql(
      `create table "second_factor" ("user_id" uuid not null, "secret_id" uuid not null, "confirmed_at" timestamptz(3) null, "last_step" int not null default 0, "created_at" timestamptz(3) not null default now(), primary key ("user_id"));`,
    );
    this.addSql(
      `create table "recovery_code" ("user_id" uuid not null, "hash" text not null, "used_at" timestamptz(3) null, primary key ("user_id", "hash"));`,
    );
    this.addSql(
      `alter table "second_factor" add constraint "second_factor_user_id_foreign" foreign key ("user_id") references "users" ("id") on update cascade on delete cascade;`,
    );
    this.addSql(
      `alter table "recovery_code" add constraint "recovery_code_user_id_foreign" foreign key ("user_id") references "users" ("id");`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "recovery_code" cascade;`);
    this.addSql(`drop table if exists "second_factor" cascade;`);
  }
}
