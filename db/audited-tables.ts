/** How changes to a table's rows are told in the audit log. */
export interface Audited {
  /** What the log calls a row: its `resourceType`. */
  type: string;
  /** The column with its tenant; null: the platform's own. */
  tenant: string | null;
  /** The column that names a row. */
  id: string;
  /** Columns of which only a change is told, never a value. */
  secret: readonly string[];
  /** Columns that say nothing of what anybody has: clocks, marks of work under way. */
  ignored: readonly string[];
}

const audited = (type: string, more: Partial<Audited> = {}): Audited => ({
  ...{ type, tenant: 'tenant_id', id: 'id', secret: [], ignored: [] },
  ...more,
});

/** Every table of the schema: how it is audited, or why it is not. */
export const AUDITED_TABLES: Record<string, Audited | string> = {
  acme_account: audited('acme_account', { tenant: null, id: 'directory_url' }),
  api_key: audited('api_key', { secret: ['hash'], ignored: ['last_used_at'] }),
  audit_draft: 'is the log',
  audit_event: 'is the log',
  audit_head: 'is the log',
  certificate: audited('certificate', {
    ignored: ['order', 'csr', 'chain', 'compared_at', 'renew_at', 'look_at', 'updated_at'],
  }),
  // Whoever has the address of a page may pay on it.
  checkout_session: audited('payment', { secret: ['url'] }),
  clone_line: 'is work under way',
  coupon: audited('coupon'),
  coupon_use: 'is told by the order that names the coupon',
  customer: audited('customer', { ignored: ['words'] }),
  dns_record: audited('dns_record'),
  dns_zone: audited('dns_zone', { ignored: ['compared', 'compared_at'] }),
  domain: audited('domain', { ignored: ['requested_at', 'pending_at', 'compared_at', 'updated_at'] }),
  drift_check: 'is what was seen, not what was done',
  drift_finding: 'is what was seen, not what was done; a repair is named',
  email_domain: audited('email_domain'),
  guardian_finding: 'is what was seen, not what was done; a remediation is audited',
  guardian_instance: audited('guardian_instance', { ignored: ['updated_at'] }),
  guardian_remediation: audited('guardian_remediation'),
  guardian_scan: 'tells what it saw itself; asking for one and its end are named',
  idempotency_key: 'is an answer that was given',
  image: audited('image', { tenant: null }),
  instance: audited('cloudpod', { ignored: ['task', 'updated_at'] }),
  instance_addon: audited('addon'),
  invoice: audited('invoice'),
  invoice_line: 'is written with its invoice and never changed',
  ip_address: 'is told by what holds it; what is added to a pool is named',
  job: 'tells its own steps; what operators decide of it is named',
  job_event: 'tells the steps of its job',
  job_step: 'tells the steps of its job',
  mailbox: audited('mailbox', { secret: ['password_hash'] }),
  mailed_token: 'is a link in a mail; that it was asked for, sent and used is named',
  mikro_orm_migrations: 'is the schema',
  node: audited('node', {
    tenant: null,
    ignored: ['last_heartbeat_at', 'cpu_usage', 'memory_used_mb', 'uptime_seconds'],
  }),
  notification: 'is a mail, kept with its text',
  oidc_connection: audited('oidc_connection'),
  oidc_identity: 'is how a login comes in; that it does is named',
  oidc_login: 'is a sign-in under way',
  oidc_logout: 'is a message that was obeyed; signing out is named',
  oidc_session: 'is a session; signing in is named',
  oidc_ticket: 'is a sign-in under way',
  order_item: audited('order_item'),
  orders: audited('order'),
  outbox: 'is a message under way',
  payment: audited('payment'),
  product: audited('product'),
  provider_probe: 'is what was seen, not what was done',
  rate_limit: 'is a count of a minute',
  recovery_code: 'is part of a second factor, which is named',
  refresh_token: 'is a session; signing in is named',
  refund: audited('refund', { ignored: ['updated_at'] }),
  second_factor: 'is switched on and off by name',
  secret: 'is a sealed value; what names it is audited, and so is showing it',
  sign_in_guard: 'counts attempts, of strangers as well; each that failed is named',
  stream_ticket: 'stands for credentials, for a minute',
  stripe_event: 'is a message that came in, kept whole',
  subscription: audited('subscription', { ignored: ['updated_at'] }),
  system_event: 'is a log of its own',
  tax_rate: audited('tax_rate'),
  tenant: audited('tenant', { tenant: 'id' }),
  tld_price: audited('tld_price', { id: 'tld' }),
  users: audited('user', { secret: ['password_hash'] }),
  vat_check: 'is an answer that was given; it is named, and what it changes is the customer',
  vmid_slot: 'is told by what holds it; what is added to a pool is named',
};
