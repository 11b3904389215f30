import { Migration } from '@mikro-orm/migrations';

export class Migration20261123015400_drift extends Migration {
  override name = 'Migration20261123015400_drift';

  override up(): void {
    this.addSql(
      `create table "drift_check" ("system" text not null, "ok" boolean not null, "detail" text not null, "checked_at" timestamptz(3) not null, "completed_at" timestamptz(3) null, primary key ("system"));`,
    );
    this.addSql(
      `create table "drift_finding" ("id" uuid not null, "tenant_id" uuid not null, "system" text not null, "kind" text not null, "subject" text not null, "resource_id" uuid null, "text" text not null, "evidence" jsonb not null, "state" text not null default 'open', "job_id" uuid not null, "first_seen_at" timestamptz(3) not null default now(), "last_seen_at" timestamptz(3) not null default now(), "resolved_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(
      `create index "drift_finding_tenant_id_first_seen_at_id_index" on "drift_finding" ("tenant_id", "first_seen_at", "id");`,
    );
    this.addSql(`create unique index drift_finding_open on drift_finding (kind, subject) where state = 'open';`);
    this.addSql(`alter table "domain" add "compared_at" timestamptz(3) null;`);
    this.addSql(`alter table "dns_zone" add "compared" text null, add "compared_at" timestamptz(3) null;`);
    this.addSql(`alter table "certificate" add "compared_at" timestamptz(3) null;`);
    this.addSql(
      `alter table "drift_finding" add constraint "drift_finding_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "drift_finding" add constraint "drift_finding_state_check" check ("state" in ('open', 'repaired', 'gone'));`,
    );
  }

  override down(): void {
    this.addSql(`alter table "certificate" drop column "compared_at";`);
    this.addSql(`alter table "dns_zone" drop column "compared", drop column "compared_at";`);
    this.addSql(`alter table "domain" drop column "compared_at";`);
    this.addSql(`drop table if exists "drift_finding" cascade;`);
    this.addSql(`drop table if exists "drift_check" cascade;`);
  }
}
