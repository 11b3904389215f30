import { Migration } from '@mikro-orm/migrations';

export class Migration20261123032100_taxes extends Migration {
  override name = 'Migration20261123032100_taxes';

  override up(): void {
    this.addSql(
      `alter table "tenant" add "country" varchar(2) null, add "prices_include_tax" boolean not null default false;`,
    );
    this.addSql(`alter table "product" add "tax_category" text not null default 'standard';`);
    this.addSql(
      `alter table "product" add constraint "product_tax_category_check" check ("tax_category" in ('standard', 'reduced', 'exempt'));`,
    );
    this.addSql(
      `alter table "order_item" add "discount" bigint not null default '0', add "tax" bigint not null default '0';`,
    );
    this.addSql(
      `alter table "invoice" add "prices_include_tax" boolean not null default false, add "reverse_charge" boolean not null default false, add "discount" bigint not null default '0';`,
    );
    this.addSql(
      `alter table "invoice_line" add "discount" bigint not null default '0', add "tax" bigint not null default '0', add "tax_rate" int not null default 0;`,
    );
    this.addSql(`alter table "subscription" add "prices_include_tax" boolean not null default false;`);
    this.addSql(
      `create table "tax_rate" ("id" uuid not null, "tenant_id" uuid not null, "country" varchar(2) not null, "category" text not null, "rate" int not null, "valid_from" date not null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `create index "tax_rate_tenant_id_created_at_id_index" on "tax_rate" ("tenant_id", "created_at", "id");`,
    );
    this.addSql(
      `alter table "tax_rate" add constraint "tax_rate_tenant_id_country_category_valid_from_unique" unique ("tenant_id", "country", "category", "valid_from");`,
    );
    this.addSql(
      `alter table "tax_rate" add constraint "tax_rate_category_check" check ("category" in ('standard', 'reduced', 'exempt'));`,
    );
    this.addSql(
      `alter table "tax_rate" add constraint "tax_rate_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
  }

  override down(): void {
    this.addSql(`drop table "tax_rate";`);
    this.addSql(`alter table "subscription" drop column "prices_include_tax";`);
    this.addSql(`alter table "invoice_line" drop column "discount", drop column "tax", drop column "tax_rate";`);
    this.addSql(
      `alter table "invoice" drop column "prices_include_tax", drop column "reverse_charge", drop column "discount";`,
    );
    this.addSql(`alter table "order_item" drop column "discount", drop column "tax";`);
    this.addSql(`alter table "product" drop constraint "product_tax_category_check";`);
    this.addSql(`alter table "product" drop column "tax_category";`);
    this.addSql(`alter table "tenant" drop column "country", drop column "prices_include_tax";`);
  }
}
