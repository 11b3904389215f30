import { Migration } from '@mikro-orm/migrations';

export class Migration20261123045900_guardian extends Migration {
  override name = 'Migration20261123045900_guardian';

  override up(): void {
    this.addSql(
      `create table "guardian_instance" ("id" uuid not null, "tenant_id" uuid not null, "enabled" boolean not null default true, "allowed_ports" jsonb not null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "guardian_instance" add constraint "guardian_instance_tenant_id_unique" unique ("tenant_id");`,
    );
    this.addSql(
      `create table "guardian_scan" ("id" uuid not null, "tenant_id" uuid not null, "job_id" uuid not null, "requested_by" uuid null, "status" text not null default 'pending', "checks" jsonb not null, "started_at" timestamptz(3) null, "ended_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `create index "guardian_scan_tenant_id_created_at_id_index" on "guardian_scan" ("tenant_id", "created_at", "id");`,
    );
    this.addSql(
      `create index "guardian_scan_tenant_id_status_created_at_id_index" on "guardian_scan" ("tenant_id", "status", "created_at", "id");`,
    );
    this.addSql(
      `create table "guardian_finding" ("id" uuid not null, "tenant_id" uuid not null, "check_name" text not null, "kind" text not null, "severity" text not null, "state" text not null default 'open', "fingerprint" text not null, "resource_type" text not null, "resource_id" uuid not null, "subject" text not null, "text" text not null, "evidence" jsonb not null, "scan_id" uuid not null, "created_at" timestamptz(3) not null default now(), "last_seen_at" timestamptz(3) not null default now(), "resolved_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(
      `create index "guardian_finding_tenant_id_created_at_id_index" on "guardian_finding" ("tenant_id", "created_at", "id");`,
    );
    this.addSql(
      `create index "guardian_finding_tenant_id_state_created_at_id_index" on "guardian_finding" ("tenant_id", "state", "created_at", "id");`,
    );
    this.addSql(
      `create index "guardian_finding_tenant_id_severity_created_at_id_index" on "guardian_finding" ("tenant_id", "severity", "created_at", "id");`,
    );
    this.addSql(
      `create index "guardian_finding_tenant_id_check_name_created_at_id_index" on "guardian_finding" ("tenant_id", "check_name", "created_at", "id");`,
    );
    this.addSql(
      `create index "guardian_finding_tenant_id_resource_id_created_at_id_index" on "guardian_finding" ("tenant_id", "resource_id", "created_at", "id");`,
    );
    this.addSql(
      `alter table "guardian_finding" add constraint "guardian_finding_tenant_id_fingerprint_unique" unique ("tenant_id", "fingerprint");`,
    );
    this.addSql(
      `create table "guardian_remediation" ("id" uuid not null, "tenant_id" uuid not null, "finding_id" uuid not null, "status" text not null default 'requested', "plan" jsonb not null, "requested_by" uuid not null, "tenant_approved_by" uuid null, "tenant_approved_at" timestamptz(3) null, "platform_approved_by" uuid null, "platform_approved_at" timestamptz(3) null, "job_id" uuid null, "applied_at" timestamptz(3) null, "ended_at" timestamptz(3) null, "detail" text null, "created_at" timestamptz(3) not null default now(), primary key ("id"), constraint "guardian_remediation_two_people" check (tenant_approved_by <> platform_approved_by));`,
    );
    this.addSql(
      `create index "guardian_remediation_tenant_id_created_at_id_index" on "guardian_remediation" ("tenant_id", "created_at", "id");`,
    );
    this.addSql(
      `create index "guardian_remediation_tenant_id_status_created_at_id_index" on "guardian_remediation" ("tenant_id", "status", "created_at", "id");`,
    );
    this.addSql(
      `create index "guardian_remediation_finding_id_created_at_id_index" on "guardian_remediation" ("finding_id", "created_at", "id");`,
    );
    this.addSql(
      `create unique index guardian_remediation_open on guardian_remediation (finding_id) where status in ('requested', 'approved', 'applied');`,
    );
    this.addSql(
      `alter table "guardian_remediation" add constraint "guardian_remediation_finding_id_foreign" foreign key ("finding_id") references "guardian_finding" ("id");`,
    );
    this.addSql(
      `alter table "guardian_remediation" add constraint "guardian_remediation_status_check" check ("status" in ('requested', 'approved', 'applied', 'verified', 'failed'));`,
    );
    for (const table of ['guardian_instance', 'guardian_scan', 'guardian_finding', 'guardian_remediation'])
      this.addSql(
        `alter table "${table}" add constraint "${table}_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
      );
    this.addSql(
      `alter table "guardian_scan" add constraint "guardian_scan_status_check" check ("status" in ('pending', 'running', 'completed'));`,
    );
    this.addSql(
      `alter table "guardian_finding" add constraint "guardian_finding_severity_check" check ("severity" in ('low', 'medium', 'high', 'critical'));`,
    );
    this.addSql(
      `alter table "guardian_finding" add constraint "guardian_finding_state_check" check ("state" in ('open', 'resolved'));`,
    );
  }

  override down(): void {
    for (const table of ['guardian_remediation', 'guardian_finding', 'guardian_scan', 'guardian_instance'])
      this.addSql(`drop table if exists "${table}" cascade;`);
  }
}
