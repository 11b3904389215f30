import { Migration } from '@mikro-orm/migrations';

export class Migration20261123034300_vat_numbers extends Migration {
  override name = 'Migration20261123034300_vat_numbers';

  override up(): void {
    this.addSql(`alter table "tenant" add "vat_id" text null;`);
    this.addSql(
      `alter table "customer" add "vat_id" text null, add "vat_status" text null, add "vat_since" timestamptz(3) null;`,
    );
    this.addSql(
      `alter table "customer" add constraint "customer_vat_status_check" check ("vat_status" in ('unchecked', 'valid', 'invalid'));`,
    );
    this.addSql(`alter table "invoice" add "tax_credited" bigint not null default '0';`);
    this.addSql(
      `create table "vat_check" ("id" uuid not null, "tenant_id" uuid not null, "customer_id" uuid not null, "vat_id" text not null, "valid" boolean not null, "consultation" text null, "asked_at" timestamptz(3) not null, primary key ("id"));`,
    );
    this.addSql(`create index "vat_check_customer_id_asked_at_index" on "vat_check" ("customer_id", "asked_at");`);
    for (const table of ['tenant', 'customer'])
      this.addSql(
        `alter table "vat_check" add constraint "vat_check_${table}_id_foreign" foreign key ("${table}_id") references "${table}" ("id");`,
      );
  }

  override down(): void {
    this.addSql(`drop table "vat_check";`);
    this.addSql(`alter table "invoice" drop column "tax_credited";`);
    this.addSql(`alter table "customer" drop constraint "customer_vat_status_check";`);
    this.addSql(`alter table "customer" drop column "vat_id", drop column "vat_status", drop column "vat_since";`);
    this.addSql(`alter table "tenant" drop column "vat_id";`);
  }
}
