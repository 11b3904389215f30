import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000000_initial extends Migration {
  override name = 'Migration20261122000000_initial';

  override up(): void {
    this.addSql(
      `create table "acme_account" ("directory_url" text not null, "url" text null, "key_secret_id" uuid not null, "created_at" timestamptz(3) not null default now(), primary key ("directory_url"));`,
    );

    this.addSql(
      `create table "image" ("id" uuid not null, "name" text not null, "kind" text not null, "title" text not null, "node" text null, "vmid" int null, "volume" text null, "enabled" boolean not null default true, primary key ("id"));`,
    );
    this.addSql(`alter table "image" add constraint "image_name_kind_node_unique" unique ("name", "kind", "node");`);
    this.addSql(`alter table "image" add constraint "image_kind_check" check ("kind" in ('qemu', 'lxc'));`);

    this.addSql(
      `create table "ip_address" ("address" inet not null, "family" smallint not null, "prefix_length" smallint not null, "gateway" text not null, "instance_id" uuid null, "order_item_id" uuid null, "free_from" timestamptz(3) not null default now(), primary key ("address"));`,
    );
    this.addSql(`create index ip_address_free on ip_address (family, address) where instance_id is null;`);
    this.addSql(`create index "ip_address_instance_id_index" on "ip_address" ("instance_id");`);

    this.addSql(
      `create table "node" ("id" uuid not null, "name" text not null, "role" text not null, "ip" text not null, "status" text not null default 'offline', "last_heartbeat_at" timestamptz(3) null, "storage" text not null default 'local-lvm', "backup_storage" text not null default 'local', "bridge" text not null default 'vmbr0', "cores" int not null default 0, "memory_mb" int not null default 0, "disk_gb" int not null default 0, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`alter table "node" add constraint "node_name_unique" unique ("name");`);
    this.addSql(
      `alter table "node" add constraint "node_role_check" check ("role" in ('hypervisor', 'control', 'mail', 'dns'));`,
    );
    this.addSql(`alter table "node" add constraint "node_status_check" check ("status" in ('online', 'offline'));`);

    this.addSql(
      `create table "outbox" ("id" uuid not null, "workflow_id" text not null, "kind" text not null, "event_id" text not null, "name" text not null, "args" jsonb not null, "options" jsonb null, "state" text not null default 'pending', "attempts" int not null default 0, "next_at" timestamptz(3) not null default now(), "error" text null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index outbox_due on outbox (next_at) where state = 'pending';`);
    this.addSql(
      `alter table "outbox" add constraint "outbox_workflow_id_kind_event_id_unique" unique ("workflow_id", "kind", "event_id");`,
    );
    this.addSql(`alter table "outbox" add constraint "outbox_kind_check" check ("kind" in ('start', 'signal'));`);
    this.addSql(
      `alter table "outbox" add constraint "outbox_state_check" check ("state" in ('pending', 'sent', 'dead'));`,
    );

    this.addSql(
      `create table "provider_probe" ("name" text not null, "ok" boolean not null, "detail" text not null, "checked_at" timestamptz(3) not null, primary key ("name"));`,
    );

    this.addSql(
      `create table "stripe_event" ("id" text not null, "type" text not null, "invoice_id" uuid null, "payload" jsonb not null, "received_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "stripe_event_invoice_id_index" on "stripe_event" ("invoice_id");`);

    this.addSql(
      `create table "tenant" ("id" uuid not null, "name" text not null, "status" text not null default 'active', "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "tenant" add constraint "tenant_status_check" check ("status" in ('active', 'suspended'));`,
    );

    this.addSql(
      `create table "secret" ("id" uuid not null, "tenant_id" uuid null, "purpose" text not null, "key_id" text not null, "sealed" bytea not null, "revealed_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );

    this.addSql(
      `create table "product" ("id" uuid not null, "tenant_id" uuid not null, "name" text not null, "type" text not null, "sku" text not null, "billing_cycles" jsonb not null, "metadata" jsonb not null default '{}', "status" text not null default 'active', "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "product_tenant_id_created_at_id_index" on "product" ("tenant_id", "created_at", "id");`);
    this.addSql(`alter table "product" add constraint "product_tenant_id_sku_unique" unique ("tenant_id", "sku");`);
    this.addSql(
      `alter table "product" add constraint "product_type_check" check ("type" in ('cloudpod', 'domain', 'email', 'backup', 'addon'));`,
    );
    this.addSql(
      `alter table "product" add constraint "product_status_check" check ("status" in ('active', 'retired'));`,
    );

    this.addSql(
      `create table "notification" ("id" uuid not null, "tenant_id" uuid not null, "key" text not null, "recipient" text not null, "subject" text not null, "text" text not null, "sent_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`alter table "notification" add constraint "notification_key_unique" unique ("key");`);
    this.addSql(
      `create index "notification_tenant_id_created_at_index" on "notification" ("tenant_id", "created_at");`,
    );

    this.addSql(
      `create table "job" ("id" uuid not null, "tenant_id" uuid not null, "customer_id" uuid null, "type" text not null, "status" text not null default 'pending', "target_id" uuid not null, "parent_job_id" uuid null, "order_id" uuid null, "workflow_id" text not null, "step" text null, "reason" text null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "ended_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(`create index "job_tenant_id_created_at_id_index" on "job" ("tenant_id", "created_at", "id");`);
    this.addSql(`create index "job_target_id_index" on "job" ("target_id");`);
    this.addSql(`create index "job_parent_job_id_index" on "job" ("parent_job_id");`);
    this.addSql(`create index "job_status_index" on "job" ("status");`);
    this.addSql(`alter table "job" add constraint "job_workflow_id_unique" unique ("workflow_id");`);
    this.addSql(
      `alter table "job" add constraint "job_status_check" check ("status" in ('pending', 'running', 'blocked', 'completed', 'failed', 'cancelled', 'compensating', 'compensated'));`,
    );

    this.addSql(
      `create table "job_step" ("job_id" uuid not null, "name" text not null, "position" int not null, "status" text not null default 'pending', "attempt" int not null default 0, "error" text null, "started_at" timestamptz(3) null, "ended_at" timestamptz(3) null, primary key ("job_id", "name"));`,
    );
    this.addSql(
      `alter table "job_step" add constraint "job_step_status_check" check ("status" in ('pending', 'running', 'blocked', 'done', 'failed', 'skipped', 'undoing', 'undone'));`,
    );

    this.addSql(
      `create table "idempotency_key" ("tenant_id" uuid not null, "caller_id" uuid not null, "key" text not null, "fingerprint" text not null, "status" int null, "body" text null, "created_at" timestamptz(3) not null default now(), primary key ("tenant_id", "caller_id", "key"));`,
    );
    this.addSql(`create index "idempotency_key_created_at_index" on "idempotency_key" ("created_at");`);

    this.addSql(
      `create table "customer" ("id" uuid not null, "tenant_id" uuid not null, "name" text not null, "email" text not null, "phone" text null, "address" jsonb null, "status" text not null default 'active', "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `create index "customer_tenant_id_created_at_id_index" on "customer" ("tenant_id", "created_at", "id");`,
    );
    this.addSql(`create unique index customer_email on customer (tenant_id, lower(email));`);
    this.addSql(
      `alter table "customer" add constraint "customer_status_check" check ("status" in ('active', 'suspended'));`,
    );

    this.addSql(
      `create table "subscription" ("id" uuid not null, "tenant_id" uuid not null, "customer_id" uuid not null, "product_id" uuid not null, "order_item_id" uuid null, "resource_id" uuid not null, "status" text not null default 'pending', "billing_cycle" text not null, "price" bigint not null, "currency" varchar(3) not null, "starts_at" timestamptz(3) null, "renews_at" timestamptz(3) null, "cancel_at_period_end" boolean not null default false, "cancelled_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "subscription_resource_id_index" on "subscription" ("resource_id");`);
    this.addSql(
      `create index "subscription_tenant_id_created_at_id_index" on "subscription" ("tenant_id", "created_at", "id");`,
    );
    this.addSql(
      `create index "subscription_customer_id_created_at_index" on "subscription" ("customer_id", "created_at");`,
    );
    this.addSql(
      `alter table "subscription" add constraint "subscription_order_item_id_unique" unique ("order_item_id");`,
    );
    this.addSql(
      `alter table "subscription" add constraint "subscription_status_check" check ("status" in ('pending', 'active', 'suspended', 'cancelled'));`,
    );
    this.addSql(
      `alter table "subscription" add constraint "subscription_billing_cycle_check" check ("billing_cycle" in ('monthly', 'quarterly', 'yearly'));`,
    );

    this.addSql(
      `create table "orders" ("id" uuid not null, "tenant_id" uuid not null, "customer_id" uuid not null, "status" text not null default 'pending', "currency" varchar(3) not null, "total" bigint not null, "payment_due_at" timestamptz(3) not null, "paid_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), "ended_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(`create index "orders_tenant_id_created_at_id_index" on "orders" ("tenant_id", "created_at", "id");`);
    this.addSql(`create index "orders_customer_id_status_index" on "orders" ("customer_id", "status");`);
    this.addSql(
      `alter table "orders" add constraint "orders_status_check" check ("status" in ('pending', 'provisioning', 'active', 'failed', 'cancelled'));`,
    );

    this.addSql(
      `create table "order_item" ("id" uuid not null, "tenant_id" uuid not null, "order_id" uuid not null, "parent_item_id" uuid null, "depends_on" text[] not null default '{}', "position" int not null, "product_id" uuid not null, "type" text not null, "description" text not null, "billing_cycle" text not null, "price" bigint not null, "config" jsonb not null default '{}', "status" text not null default 'pending', "resource_id" uuid not null, "reason" text null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "order_item_order_id_position_index" on "order_item" ("order_id", "position");`);
    this.addSql(
      `alter table "order_item" add constraint "order_item_type_check" check ("type" in ('cloudpod', 'domain', 'email', 'backup', 'addon'));`,
    );
    this.addSql(
      `alter table "order_item" add constraint "order_item_billing_cycle_check" check ("billing_cycle" in ('monthly', 'quarterly', 'yearly'));`,
    );
    this.addSql(
      `alter table "order_item" add constraint "order_item_status_check" check ("status" in ('pending', 'provisioning', 'delivered', 'undone', 'cancelled'));`,
    );

    this.addSql(
      `create table "invoice" ("id" uuid not null, "tenant_id" uuid not null, "customer_id" uuid not null, "order_id" uuid null, "status" text not null default 'unpaid', "currency" varchar(3) not null, "subtotal" bigint not null, "tax" bigint not null, "total" bigint not null, "amount_refunded" bigint not null default '0', "paid_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "invoice_tenant_id_created_at_id_index" on "invoice" ("tenant_id", "created_at", "id");`);
    this.addSql(`create index "invoice_customer_id_created_at_index" on "invoice" ("customer_id", "created_at");`);
    this.addSql(`create index "invoice_order_id_index" on "invoice" ("order_id");`);
    this.addSql(
      `alter table "invoice" add constraint "invoice_status_check" check ("status" in ('unpaid', 'paid', 'cancelled', 'refunded'));`,
    );

    this.addSql(
      `create table "payment" ("id" uuid not null, "tenant_id" uuid not null, "invoice_id" uuid not null, "provider" text not null, "reference" text not null, "amount" bigint not null, "currency" varchar(3) not null, "surplus" boolean not null default false, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`alter table "payment" add constraint "payment_reference_unique" unique ("reference");`);
    this.addSql(
      `alter table "payment" add constraint "payment_provider_check" check ("provider" in ('stripe', 'offline'));`,
    );

    this.addSql(
      `create table "refund" ("id" uuid not null, "tenant_id" uuid not null, "payment_id" uuid not null, "key" text not null, "amount" bigint not null, "reason" text not null, "status" text not null default 'pending', "stripe_id" text null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`alter table "refund" add constraint "refund_payment_id_key_unique" unique ("payment_id", "key");`);
    this.addSql(
      `alter table "refund" add constraint "refund_status_check" check ("status" in ('pending', 'succeeded', 'failed'));`,
    );

    this.addSql(
      `create table "invoice_line" ("invoice_id" uuid not null, "position" int not null, "description" text not null, "quantity" int not null, "unit_price" bigint not null, "total" bigint not null, primary key ("invoice_id", "position"));`,
    );

    this.addSql(
      `create table "instance" ("id" uuid not null, "tenant_id" uuid not null, "customer_id" uuid not null, "subscription_id" uuid null, "product_id" uuid not null, "order_item_id" uuid null, "name" text not null, "status" text not null default 'pending', "kind" text not null, "template" text not null, "image" text not null, "hostname" text not null, "cores" int not null, "memory_mb" int not null, "disk_gb" int not null, "node" text null, "vmid" int null, "mac" text null, "ipv4" text null, "ipv6" text null, "ssh_keys" jsonb not null default '[]', "password_secret_id" uuid null, "task" jsonb null, "suspended_for" text null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), "deleted_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(
      `create index "instance_tenant_id_created_at_id_index" on "instance" ("tenant_id", "created_at", "id");`,
    );
    this.addSql(`create index "instance_customer_id_status_index" on "instance" ("customer_id", "status");`);
    this.addSql(`create index "instance_node_status_index" on "instance" ("node", "status");`);
    this.addSql(
      `create unique index instance_hostname on instance (hostname) where status not in ('deleted', 'failed');`,
    );
    this.addSql(
      `alter table "instance" add constraint "instance_status_check" check ("status" in ('pending', 'provisioning', 'active', 'suspending', 'suspended', 'deleting', 'deleted', 'failed'));`,
    );
    this.addSql(`alter table "instance" add constraint "instance_kind_check" check ("kind" in ('qemu', 'lxc'));`);

    this.addSql(
      `create table "instance_addon" ("id" uuid not null, "tenant_id" uuid not null, "instance_id" uuid not null, "order_item_id" uuid null, "kind" text not null, "data" jsonb not null default '{}', "status" text not null default 'pending', "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "instance_addon_instance_id_index" on "instance_addon" ("instance_id");`);
    this.addSql(
      `alter table "instance_addon" add constraint "instance_addon_kind_check" check ("kind" in ('ip', 'disk', 'backup'));`,
    );
    this.addSql(
      `alter table "instance_addon" add constraint "instance_addon_status_check" check ("status" in ('pending', 'active', 'deleted'));`,
    );

    this.addSql(
      `create table "domain" ("id" uuid not null, "tenant_id" uuid not null, "customer_id" uuid not null, "order_item_id" uuid null, "name" text not null, "status" text not null default 'pending', "years" int not null, "contact" jsonb not null, "registrant" text not null, "auth_info_secret_id" uuid not null, "nameservers" text[] not null, "requested_at" timestamptz(3) null, "registered_at" timestamptz(3) null, "expires_at" timestamptz(3) null, "renewal" jsonb null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "domain_tenant_id_created_at_id_index" on "domain" ("tenant_id", "created_at", "id");`);
    this.addSql(`create index "domain_customer_id_status_index" on "domain" ("customer_id", "status");`);
    this.addSql(
      `create unique index domain_live on domain (name) where status not in ('pending', 'deleted', 'failed');`,
    );
    this.addSql(
      `alter table "domain" add constraint "domain_status_check" check ("status" in ('pending', 'registering', 'active', 'expired', 'deleted', 'failed'));`,
    );

    this.addSql(
      `create table "dns_zone" ("id" uuid not null, "tenant_id" uuid not null, "customer_id" uuid null, "domain_id" uuid null, "name" text not null, "provider" text not null default 'powerdns', "status" text not null default 'pending', "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `create index "dns_zone_tenant_id_created_at_id_index" on "dns_zone" ("tenant_id", "created_at", "id");`,
    );
    this.addSql(`create index "dns_zone_domain_id_index" on "dns_zone" ("domain_id");`);
    this.addSql(`create unique index dns_zone_live on dns_zone (name) where status <> 'deleted';`);
    this.addSql(
      `alter table "dns_zone" add constraint "dns_zone_status_check" check ("status" in ('pending', 'active', 'deleted'));`,
    );

    this.addSql(
      `create table "email_domain" ("id" uuid not null, "tenant_id" uuid not null, "customer_id" uuid not null, "domain_id" uuid null, "zone_id" uuid null, "product_id" uuid not null, "order_item_id" uuid null, "name" text not null, "status" text not null default 'pending', "dkim_selector" text not null, "dkim_public_key" text null, "dkim_secret_id" uuid null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `create index "email_domain_tenant_id_created_at_id_index" on "email_domain" ("tenant_id", "created_at", "id");`,
    );
    this.addSql(
      `create unique index email_domain_live on email_domain (name) where status not in ('pending', 'deleted', 'failed');`,
    );
    this.addSql(
      `alter table "email_domain" add constraint "email_domain_status_check" check ("status" in ('pending', 'provisioning', 'active', 'deleting', 'deleted', 'failed'));`,
    );

    this.addSql(
      `create table "mailbox" ("id" uuid not null, "tenant_id" uuid not null, "customer_id" uuid not null, "email_domain_id" uuid not null, "local_part" text not null, "password_hash" text not null, "password_secret_id" uuid null, "quota_mb" int not null, "status" text not null default 'pending', "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "mailbox_tenant_id_created_at_id_index" on "mailbox" ("tenant_id", "created_at", "id");`);
    this.addSql(
      `create unique index mailbox_live on mailbox (email_domain_id, local_part) where status not in ('deleted', 'failed');`,
    );
    this.addSql(
      `alter table "mailbox" add constraint "mailbox_status_check" check ("status" in ('pending', 'provisioning', 'active', 'deleting', 'deleted', 'failed'));`,
    );

    this.addSql(
      `create table "dns_record" ("id" uuid not null, "tenant_id" uuid not null, "zone_id" uuid not null, "type" text not null, "name" text not null, "content" text not null, "ttl" int not null, "priority" int null, "managed_by" text null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "dns_record_zone_id_name_type_index" on "dns_record" ("zone_id", "name", "type");`);
    this.addSql(`create index "dns_record_managed_by_index" on "dns_record" ("managed_by");`);

    this.addSql(
      `create table "checkout_session" ("id" uuid not null, "tenant_id" uuid not null, "invoice_id" uuid not null, "stripe_id" text null, "url" text null, "success_url" text not null, "cancel_url" text not null, "status" text not null default 'opening', "expires_at" timestamptz(3) not null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "checkout_session" add constraint "checkout_session_stripe_id_unique" unique ("stripe_id");`,
    );
    this.addSql(
      `alter table "checkout_session" add constraint "checkout_session_status_check" check ("status" in ('opening', 'open', 'complete', 'expired'));`,
    );

    this.addSql(
      `create table "certificate" ("id" uuid not null, "tenant_id" uuid not null, "customer_id" uuid not null, "domain" text not null, "type" text not null default 'letsencrypt', "target_id" uuid null, "status" text not null default 'pending', "order" jsonb null, "key_secret_id" uuid null, "csr" text null, "chain" text null, "serial" text null, "not_before" timestamptz(3) null, "not_after" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), "updated_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `create index "certificate_tenant_id_created_at_id_index" on "certificate" ("tenant_id", "created_at", "id");`,
    );
    this.addSql(`create index "certificate_target_id_index" on "certificate" ("target_id");`);
    this.addSql(`alter table "certificate" add constraint "certificate_type_check" check ("type" in ('letsencrypt'));`);
    this.addSql(
      `alter table "certificate" add constraint "certificate_status_check" check ("status" in ('pending', 'active', 'failed', 'revoked'));`,
    );

    this.addSql(
      `create table "audit_event" ("id" uuid not null, "tenant_id" uuid not null, "actor_id" uuid null, "action" text not null, "resource_type" text not null, "resource_id" text not null, "metadata" jsonb not null default '{}', "request_id" text null, "address" text null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `create index "audit_event_tenant_id_created_at_id_index" on "audit_event" ("tenant_id", "created_at", "id");`,
    );
    this.addSql(`create index "audit_event_resource_id_index" on "audit_event" ("resource_id");`);

    this.addSql(
      `create table "tld_price" ("tenant_id" uuid not null, "tld" text not null, "register" bigint not null, "renew" bigint not null, "transfer" bigint not null, "currency" varchar(3) not null, "max_years" int not null default 10, primary key ("tenant_id", "tld"));`,
    );

    this.addSql(
      `create table "users" ("id" uuid not null, "tenant_id" uuid not null, "customer_id" uuid null, "name" text not null, "email" text not null, "password_hash" text null, "roles" text[] not null, "permissions" text[] not null default '{}', "status" text not null default 'active', "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "users_tenant_id_created_at_id_index" on "users" ("tenant_id", "created_at", "id");`);
    this.addSql(`create unique index users_email on users (lower(email));`);
    this.addSql(
      `alter table "users" add constraint "users_status_check" check ("status" in ('active', 'invited', 'suspended'));`,
    );

    this.addSql(
      `create table "refresh_token" ("id" uuid not null, "user_id" uuid not null, "family_id" uuid not null, "expires_at" timestamptz(3) not null, "rotated_at" timestamptz(3) null, "revoked_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "refresh_token_family_id_index" on "refresh_token" ("family_id");`);

    this.addSql(
      `create table "vmid_slot" ("vmid" serial primary key, "instance_id" uuid null, "free_from" timestamptz(3) not null default now(), "foreign" boolean not null default false);`,
    );
    this.addSql(`alter table "vmid_slot" add constraint "vmid_slot_instance_id_unique" unique ("instance_id");`);
    this.addSql(`create index vmid_slot_free on vmid_slot (vmid) where instance_id is null;`);

    this.addSql(
      `alter table "secret" add constraint "secret_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "product" add constraint "product_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );

    this.addSql(
      `alter table "notification" add constraint "notification_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );

    this.addSql(
      `alter table "job" add constraint "job_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );

    this.addSql(
      `alter table "job_step" add constraint "job_step_job_id_foreign" foreign key ("job_id") references "job" ("id");`,
    );

    this.addSql(
      `alter table "idempotency_key" add constraint "idempotency_key_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );

    this.addSql(
      `alter table "customer" add constraint "customer_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );

    this.addSql(
      `alter table "subscription" add constraint "subscription_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "subscription" add constraint "subscription_customer_id_foreign" foreign key ("customer_id") references "customer" ("id");`,
    );
    this.addSql(
      `alter table "subscription" add constraint "subscription_product_id_foreign" foreign key ("product_id") references "product" ("id");`,
    );

    this.addSql(
      `alter table "orders" add constraint "orders_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "orders" add constraint "orders_customer_id_foreign" foreign key ("customer_id") references "customer" ("id");`,
    );

    this.addSql(
      `alter table "order_item" add constraint "order_item_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "order_item" add constraint "order_item_order_id_foreign" foreign key ("order_id") references "orders" ("id");`,
    );
    this.addSql(
      `alter table "order_item" add constraint "order_item_product_id_foreign" foreign key ("product_id") references "product" ("id");`,
    );

    this.addSql(
      `alter table "invoice" add constraint "invoice_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "invoice" add constraint "invoice_customer_id_foreign" foreign key ("customer_id") references "customer" ("id");`,
    );
    this.addSql(
      `alter table "invoice" add constraint "invoice_order_id_foreign" foreign key ("order_id") references "orders" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "payment" add constraint "payment_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "payment" add constraint "payment_invoice_id_foreign" foreign key ("invoice_id") references "invoice" ("id");`,
    );

    this.addSql(
      `alter table "refund" add constraint "refund_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "refund" add constraint "refund_payment_id_foreign" foreign key ("payment_id") references "payment" ("id");`,
    );

    this.addSql(
      `alter table "invoice_line" add constraint "invoice_line_invoice_id_foreign" foreign key ("invoice_id") references "invoice" ("id");`,
    );

    this.addSql(
      `alter table "instance" add constraint "instance_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "instance" add constraint "instance_customer_id_foreign" foreign key ("customer_id") references "customer" ("id");`,
    );
    this.addSql(
      `alter table "instance" add constraint "instance_subscription_id_foreign" foreign key ("subscription_id") references "subscription" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "instance_addon" add constraint "instance_addon_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "instance_addon" add constraint "instance_addon_instance_id_foreign" foreign key ("instance_id") references "instance" ("id");`,
    );

    this.addSql(
      `alter table "domain" add constraint "domain_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "domain" add constraint "domain_customer_id_foreign" foreign key ("customer_id") references "customer" ("id");`,
    );

    this.addSql(
      `alter table "dns_zone" add constraint "dns_zone_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "dns_zone" add constraint "dns_zone_customer_id_foreign" foreign key ("customer_id") references "customer" ("id") on delete set null;`,
    );
    this.addSql(
      `alter table "dns_zone" add constraint "dns_zone_domain_id_foreign" foreign key ("domain_id") references "domain" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "email_domain" add constraint "email_domain_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "email_domain" add constraint "email_domain_customer_id_foreign" foreign key ("customer_id") references "customer" ("id");`,
    );
    this.addSql(
      `alter table "email_domain" add constraint "email_domain_domain_id_foreign" foreign key ("domain_id") references "domain" ("id") on delete set null;`,
    );
    this.addSql(
      `alter table "email_domain" add constraint "email_domain_zone_id_foreign" foreign key ("zone_id") references "dns_zone" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "mailbox" add constraint "mailbox_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "mailbox" add constraint "mailbox_customer_id_foreign" foreign key ("customer_id") references "customer" ("id");`,
    );
    this.addSql(
      `alter table "mailbox" add constraint "mailbox_email_domain_id_foreign" foreign key ("email_domain_id") references "email_domain" ("id");`,
    );

    this.addSql(
      `alter table "dns_record" add constraint "dns_record_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "dns_record" add constraint "dns_record_zone_id_foreign" foreign key ("zone_id") references "dns_zone" ("id");`,
    );

    this.addSql(
      `alter table "checkout_session" add constraint "checkout_session_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "checkout_session" add constraint "checkout_session_invoice_id_foreign" foreign key ("invoice_id") references "invoice" ("id");`,
    );

    this.addSql(
      `alter table "certificate" add constraint "certificate_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "certificate" add constraint "certificate_customer_id_foreign" foreign key ("customer_id") references "customer" ("id");`,
    );

    this.addSql(
      `alter table "audit_event" add constraint "audit_event_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );

    this.addSql(
      `alter table "tld_price" add constraint "tld_price_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );

    this.addSql(
      `alter table "users" add constraint "users_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id");`,
    );
    this.addSql(
      `alter table "users" add constraint "users_customer_id_foreign" foreign key ("customer_id") references "customer" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "refresh_token" add constraint "refresh_token_user_id_foreign" foreign key ("user_id") references "users" ("id");`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "vmid_slot" cascade;`);
    this.addSql(`drop table if exists "refresh_token" cascade;`);
    this.addSql(`drop table if exists "users" cascade;`);
    this.addSql(`drop table if exists "tld_price" cascade;`);
    this.addSql(`drop table if exists "audit_event" cascade;`);
    this.addSql(`drop table if exists "certificate" cascade;`);
    this.addSql(`drop table if exists "checkout_session" cascade;`);
    this.addSql(`drop table if exists "dns_record" cascade;`);
    this.addSql(`drop table if exists "mailbox" cascade;`);
    this.addSql(`drop table if exists "email_domain" cascade;`);
    this.addSql(`drop table if exists "dns_zone" cascade;`);
    this.addSql(`drop table if exists "domain" cascade;`);
    this.addSql(`drop table if exists "instance_addon" cascade;`);
    this.addSql(`drop table if exists "instance" cascade;`);
    this.addSql(`drop table if exists "invoice_line" cascade;`);
    this.addSql(`drop table if exists "refund" cascade;`);
    this.addSql(`drop table if exists "payment" cascade;`);
    this.addSql(`drop table if exists "invoice" cascade;`);
    this.addSql(`drop table if exists "order_item" cascade;`);
    this.addSql(`drop table if exists "orders" cascade;`);
    this.addSql(`drop table if exists "subscription" cascade;`);
    this.addSql(`drop table if exists "customer" cascade;`);
    this.addSql(`drop table if exists "idempotency_key" cascade;`);
    this.addSql(`drop table if exists "job_step" cascade;`);
    this.addSql(`drop table if exists "job" cascade;`);
    this.addSql(`drop table if exists "notification" cascade;`);
    this.addSql(`drop table if exists "product" cascade;`);
    this.addSql(`drop table if exists "secret" cascade;`);
    this.addSql(`drop table if exists "tenant" cascade;`);
    this.addSql(`drop table if exists "stripe_event" cascade;`);
    this.addSql(`drop table if exists "provider_probe" cascade;`);
    this.addSql(`drop table if exists "outbox" cascade;`);
    this.addSql(`drop table if exists "node" cascade;`);
    this.addSql(`drop table if exists "ip_address" cascade;`);
    this.addSql(`drop table if exists "image" cascade;`);
    this.addSql(`drop table if exists "acme_account" cascade;`);
  }
}
