import { Migration } from '@mikro-orm/migrations';

export class Migration20261123034300_oidc extends Migration {
  override name = 'Migration20261123034300_oidc';

  override up(): void {
    this.addSql(
      `create table "oidc_connection" ("id" uuid not null, "tenant_id" uuid not null, "name" text not null, "issuer" text not null, "client_id" text not null, "secret_id" uuid not null, "role_claim" text not null, "role_rules" jsonb not null, "domains" text[] not null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `create index "oidc_connection_tenant_id_created_at_id_index" on "oidc_connection" ("tenant_id", "created_at", "id");`,
    );
    this.addSql(
      `create table "oidc_identity" ("connection_id" uuid not null, "subject" text not null, "user_id" uuid not null, "created_at" timestamptz(3) not null default now(), primary key ("connection_id", "subject"));`,
    );
    this.addSql(`create index "oidc_identity_user_id_index" on "oidc_identity" ("user_id");`);
    this.addSql(
      `create table "oidc_login" ("state" text not null, "connection_id" uuid not null, "nonce" text not null, "verifier" text not null, "browser" text not null, "expires_at" timestamptz(3) not null, primary key ("state"));`,
    );
    this.addSql(
      `create table "oidc_ticket" ("hash" text not null, "user_id" uuid not null, "connection_id" uuid not null, "subject" text not null, "sid" text null, "browser" text not null, "expires_at" timestamptz(3) not null, primary key ("hash"));`,
    );
    this.addSql(
      `create table "oidc_session" ("family_id" uuid not null, "user_id" uuid not null, "connection_id" uuid not null, "subject" text not null, "sid" text null, primary key ("family_id"));`,
    );
    this.addSql(
      `create index "oidc_session_connection_id_subject_index" on "oidc_session" ("connection_id", "subject");`,
    );
    this.addSql(
      `create table "oidc_logout" ("connection_id" uuid not null, "jti" text not null, "expires_at" timestamptz(3) not null, primary key ("connection_id", "jti"));`,
    );
    this.addSql(
      `alter table "oidc_connection" add constraint "oidc_connection_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    for (const table of ['oidc_identity', 'oidc_ticket', 'oidc_session'])
      this.addSql(
        `alter table "${table}" add constraint "${table}_user_id_foreign" foreign key ("user_id") references "users" ("id");`,
      );
  }

  override down(): void {
    for (const table of ['logout', 'session', 'ticket', 'login', 'identity', 'connection'])
      this.addSql(`drop table if exists "oidc_${table}" cascade;`);
  }
}
