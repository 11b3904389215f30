import { Migration } from '@mikro-orm/migrations';

export class Migration20261123014700_renewals extends Migration {
  override name = 'Migration20261123014700_renewals';

  override up(): void {
    this.addSql(
      `alter table "invoice" add "subscription_id" uuid null, add "period_start" timestamptz(3) null, add "period_end" timestamptz(3) null, add "due_at" timestamptz(3) null;`,
    );
    this.addSql(
      `create unique index invoice_renewal on invoice (subscription_id, period_start) where status <> 'cancelled';`,
    );
    this.addSql(`alter table "subscription" add "unpaid_since" timestamptz(3) null;`);
    this.addSql(
      `create index subscription_renewing on subscription (renews_at) where status in ('active', 'suspended');`,
    );
    this.addSql(`alter table "domain" add "auto_renew" boolean not null default true;`);
    this.addSql(`alter table "certificate" add "renew_at" timestamptz(3) null, add "look_at" timestamptz(3) null;`);
    this.addSql(`alter table "email_domain" add "suspended_for" text null;`);
    this.addSql(`alter table "email_domain" drop constraint "email_domain_status_check";`);
    this.addSql(
      `alter table "email_domain" add constraint "email_domain_status_check" check ("status" in ('pending', 'provisioning', 'active', 'suspended', 'deleting', 'deleted', 'failed'));`,
    );
  }

  override down(): void {
    this.addSql(`alter table "email_domain" drop constraint "email_domain_status_check";`);
    this.addSql(`update "email_domain" set "status" = 'active' where "status" = 'suspended';`);
    this.addSql(
      `alter table "email_domain" add constraint "email_domain_status_check" check ("status" in ('pending', 'provisioning', 'active', 'deleting', 'deleted', 'failed'));`,
    );
    this.addSql(`alter table "email_domain" drop column "suspended_for";`);
    this.addSql(`alter table "certificate" drop column "renew_at", drop column "look_at";`);
    this.addSql(`alter table "domain" drop column "auto_renew";`);
    this.addSql(`drop index "subscription_renewing";`);
    this.addSql(`alter table "subscription" drop column "unpaid_since";`);
    this.addSql(`drop index "invoice_renewal";`);
    this.addSql(
      `alter table "invoice" drop column "subscription_id", drop column "period_start", drop column "period_end", drop column "due_at";`,
    );
  }
}
