/**
 * Who sees the rows of a table.
 *
 * - `tenant`: the tenant that its column names (null: the platform alone).
 * - `child`: whoever sees the row that a column leads to.
 * - `shared`: everybody reads, the platform writes.
 * - `platform`: the platform alone.
 *
 * `appendOnly`: no process changes or deletes a row. `readOnly`: none adds one either, the database itself does.
 */
export type TableAccess =
  | { kind: 'tenant'; column: string; appendOnly?: true; readOnly?: true }
  | { kind: 'child'; column: string; of: string }
  | { kind: 'shared' }
  | { kind: 'platform' };

const tenant: TableAccess = { kind: 'tenant', column: 'tenant_id' };
const child = (column: string, of: string): TableAccess => ({ kind: 'child', column, of });
const shared: TableAccess = { kind: 'shared' };
const platform: TableAccess = { kind: 'platform' };

/** Every table of the schema. One that is missing here is open to no process at all. */
export const TABLE_ACCESS: Record<string, TableAccess> = {
  acme_account: platform,
  api_key: tenant,
  audit_draft: { ...tenant, appendOnly: true },
  audit_event: { ...tenant, readOnly: true },
  audit_head: { kind: 'tenant', column: 'chain', readOnly: true },
  certificate: tenant,
  checkout_session: tenant,
  clone_line: platform,
  coupon: tenant,
  coupon_use: tenant,
  customer: tenant,
  dns_record: tenant,
  dns_zone: tenant,
  domain: tenant,
  drift_check: shared,
  drift_finding: tenant,
  email_domain: tenant,
  guardian_finding: tenant,
  guardian_instance: tenant,
  guardian_remediation: tenant,
  guardian_scan: tenant,
  idempotency_key: tenant,
  image: shared,
  instance: tenant,
  instance_addon: tenant,
  invoice: tenant,
  invoice_line: child('invoice_id', 'invoice'),
  ip_address: platform,
  job: tenant,
  job_event: tenant,
  job_step: child('job_id', 'job'),
  mailbox: tenant,
  mailed_token: child('user_id', 'users'),
  mikro_orm_migrations: shared,
  node: shared,
  notification: tenant,
  oidc_connection: tenant,
  oidc_identity: child('user_id', 'users'),
  oidc_login: platform,
  oidc_logout: platform,
  oidc_session: child('user_id', 'users'),
  oidc_ticket: child('user_id', 'users'),
  order_item: tenant,
  orders: tenant,
  outbox: tenant,
  payment: tenant,
  product: tenant,
  provider_probe: shared,
  rate_limit: platform,
  recovery_code: child('user_id', 'users'),
  refresh_token: child('user_id', 'users'),
  refund: tenant,
  second_factor: child('user_id', 'users'),
  secret: tenant,
  sign_in_guard: platform,
  stream_ticket: platform,
  stripe_event: platform,
  subscription: tenant,
  system_event: tenant,
  tax_rate: tenant,
  tenant: { kind: 'tenant', column: 'id' },
  tld_price: tenant,
  users: tenant,
  vat_check: { ...tenant, appendOnly: true },
  vmid_slot: platform,
};
