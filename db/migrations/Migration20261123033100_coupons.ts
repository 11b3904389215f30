import { Migration } from '@mikro-orm/migrations';

export class Migration20261123033100_coupons extends Migration {
  override name = 'Migration20261123033100_coupons';

  override up(): void {
    this.addSql(
      `create table "coupon" ("id" uuid not null, "tenant_id" uuid not null, "code" text not null, "kind" text not null, "share" int null, "amount" bigint null, "currency" varchar(3) null, "recurring" boolean not null, "max_uses" int null, "max_uses_per_customer" int null, "valid_from" timestamptz(3) null, "valid_until" timestamptz(3) null, "product_ids" text[] not null default '{}', "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "coupon_tenant_id_created_at_id_index" on "coupon" ("tenant_id", "created_at", "id");`);
    this.addSql(`alter table "coupon" add constraint "coupon_tenant_id_code_unique" unique ("tenant_id", "code");`);
    this.addSql(`alter table "coupon" add constraint "coupon_kind_check" check ("kind" in ('percent', 'fixed'));`);
    this.addSql(
      `alter table "coupon" add constraint "coupon_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `create table "coupon_use" ("order_id" uuid not null, "tenant_id" uuid not null, "coupon_id" uuid not null, "customer_id" uuid not null, "created_at" timestamptz(3) not null default now(), primary key ("order_id"));`,
    );
    this.addSql(`create index "coupon_use_coupon_id_customer_id_index" on "coupon_use" ("coupon_id", "customer_id");`);
    this.addSql(
      `alter table "coupon_use" add constraint "coupon_use_order_id_foreign" foreign key ("order_id") references "orders" ("id") on update cascade on delete cascade;`,
    );
    for (const table of ['tenant', 'coupon', 'customer'])
      this.addSql(
        `alter table "coupon_use" add constraint "coupon_use_${table}_id_foreign" foreign key ("${table}_id") references "${table}" ("id");`,
      );
    this.addSql(`alter table "orders" add "coupon_code" text null;`);
    this.addSql(`alter table "subscription" add "discount" jsonb null;`);
  }

  override down(): void {
    this.addSql(`alter table "subscription" drop column "discount";`);
    this.addSql(`alter table "orders" drop column "coupon_code";`);
    this.addSql(`drop table "coupon_use";`);
    this.addSql(`drop table "coupon";`);
  }
}
