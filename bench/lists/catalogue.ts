/** A list of the API, the rows it shows, and how it is asked for few of them. */
export interface List {
  /** Below /api; `{id}`: of the row that all others hang on. */
  path: string;
  table: string;
  /** Queries that a few of the rows answer to. */
  filters: string[];
  /** SQL of columns that cannot be just anything; `i` counts the rows from 1. */
  values?: Record<string, string>;
  /** Rows that the process needs stay: the seeded ones are not taken away afterwards. */
  stays?: true;
}

/** One row in so many has a rare value. */
const RARE = 500;
const rarely = (rare: string, usual: string) => `case when i % ${RARE} = 1 then '${rare}' else '${usual}' end`;
/** One in a hundred belongs to the same customer, or hangs on the same row. */
export const ONE = '00000000-0000-7000-8000-0000000000aa';
const own = (column: string) => ({ [column]: `case when i % 100 = 1 then '${ONE}'::uuid else row_id(i) end` });
const status = (rare: string, usual: string) => ({ status: rarely(rare, usual) });
const customer = `customerId=${ONE}`;

const plan = {
  type: rarely('email', 'domain'),
  metadata: `case when i % ${RARE} = 1 then '{"quotaMb": 1024}' else '{}' end::jsonb`,
  billing_cycles: `'[{"cycle": "monthly", "amount": 100, "currency": "USD"}]'::jsonb`,
  sku: `'SKU-' || i`,
};

const addon = {
  ...plan,
  type: rarely('addon', 'domain'),
  metadata: plan.metadata.replace('{"quotaMb": 1024}', '{"kind": "ip"}'),
};

/** Every list of the API; what is missing here fails the measurement. */
export const LISTS: List[] = [
  { path: '/tenants', table: 'tenant', filters: [], stays: true },
  {
    path: '/api-keys',
    table: 'api_key',
    filters: [],
    // Everybody sees their own; who is signed in is newer than all that is seeded.
    values: { user_id: `(select id from users order by created_at desc limit 1)` },
  },
  {
    path: '/oidc-connections',
    table: 'oidc_connection',
    filters: [],
    values: { issuer: `'https://id.example'`, role_rules: `'[]'::jsonb` },
  },
  { path: '/users', table: 'users', filters: [], values: { email: `'u' || i || '@example.com'` }, stays: true },
  { path: '/servers', table: 'node', filters: [], values: { name: `'node' || i`, role: `'hypervisor'` }, stays: true },
  {
    path: '/customers',
    table: 'customer',
    filters: ['search=c77@example', 'search=name of 77'],
    values: { email: `'c' || (i * 7) || '@example.com'`, name: `'name of ' || i` },
    stays: true,
  },
  {
    path: '/products',
    table: 'product',
    filters: ['type=email', 'activeOnly=true'],
    values: plan,
  },
  { path: '/billing/plans', table: 'product', filters: [], values: plan },
  { path: '/billing/addons', table: 'product', filters: [], values: addon },
  { path: '/billing/coupons', table: 'coupon', filters: [], values: { code: `'CODE' || i`, share: '100000' } },
  {
    path: '/billing/tax-rates',
    table: 'tax_rate',
    filters: [],
    values: { country: `'FR'`, valid_from: `date '1900-01-01' + i::int`, category: `'standard'` },
  },
  {
    path: '/invoices',
    table: 'invoice',
    filters: [customer, 'status=refunded'],
    values: { ...own('customer_id'), ...status('refunded', 'paid') },
  },
  {
    path: '/subscriptions',
    table: 'subscription',
    filters: [customer, 'status=suspended', 'productType=email'],
    values: { ...own('customer_id'), ...own('product_id'), ...status('suspended', 'active') },
  },
  {
    path: '/cloudpods',
    table: 'instance',
    filters: [customer, 'status=failed'],
    values: {
      ...own('customer_id'),
      ...status('failed', 'active'),
      hostname: `'h' || i || '.example'`,
      mac: `'m' || i`,
    },
  },
  {
    path: '/jobs',
    table: 'job',
    filters: ['status=blocked', 'type=order_fulfil', `targetId=${ONE}`, `parentJobId=${ONE}`],
    values: {
      ...status('blocked', 'completed'),
      ...own('target_id'),
      ...own('parent_job_id'),
      type: rarely('order_fulfil', 'dns_apply'),
    },
  },
  {
    path: '/domains',
    table: 'domain',
    filters: [customer, 'status=expired'],
    values: { ...own('customer_id'), ...status('expired', 'active'), name: `'d' || i || '.example'` },
  },
  {
    path: '/dns/zones',
    table: 'dns_zone',
    filters: [customer, `domainId=${ONE}`],
    values: { ...own('customer_id'), ...own('domain_id'), name: `'z' || i || '.example'`, status: `'active'` },
  },
  { path: '/dns/zones/{id}/records', table: 'dns_record', filters: [], values: { zone_id: `'${ONE}'::uuid` } },
  {
    path: '/email/domains',
    table: 'email_domain',
    filters: [customer],
    values: { ...own('customer_id'), name: `'e' || i || '.example'`, status: `'active'` },
  },
  {
    path: '/email/mailboxes',
    table: 'mailbox',
    filters: [customer, `domainId=${ONE}`],
    values: { ...own('customer_id'), ...own('email_domain_id'), local_part: `'box' || i` },
  },
  {
    path: '/ssl/certificates',
    table: 'certificate',
    filters: [customer, `targetId=${ONE}`, 'status=revoked'],
    values: { ...own('customer_id'), ...own('target_id'), ...status('revoked', 'active') },
  },
  {
    path: '/audit',
    table: 'audit_event',
    filters: [`actorId=${ONE}`, 'type=user', 'resourceType=rare', `resourceId=${ONE}`],
    values: {
      ...own('actor_id'),
      seq: '1000000 + i',
      action: rarely('user.updated', 'job.updated'),
      resource_type: rarely('rare', 'job'),
      resource_id: `case when i % 100 = 1 then '${ONE}' else row_id(i)::text end`,
    },
  },
  {
    path: '/guardian/scans',
    table: 'guardian_scan',
    filters: ['status=running'],
    values: { ...status('running', 'completed'), checks: `'[]'::jsonb` },
  },
  {
    path: '/guardian/findings',
    table: 'guardian_finding',
    filters: ['state=open', 'severity=critical', 'check=ports', `resourceId=${ONE}`],
    values: {
      ...own('resource_id'),
      state: rarely('open', 'resolved'),
      severity: rarely('critical', 'low'),
      check_name: rarely('ports', 'zone_policy'),
      kind: `'dns_unsigned'`,
      resource_type: `'dns_zone'`,
    },
  },
  {
    path: '/guardian/remediations',
    table: 'guardian_remediation',
    filters: ['status=requested', `findingId=${ONE}`],
    values: {
      // Others than those that are asked for by status: one at a time may be open of a finding.
      finding_id: `case when i % 100 = 2 then '${ONE}'::uuid else row_id(i) end`,
      ...status('requested', 'verified'),
      plan: `'{"remedy": "close_port", "instanceId": "${ONE}", "port": 25}'::jsonb`,
    },
  },
  {
    path: '/guardian/audit-events',
    table: 'audit_event',
    filters: [],
    values: { seq: '1000000 + i', action: `'guardian_scan.requested'` },
  },
  {
    path: '/system/events',
    table: 'system_event',
    filters: ['level=error', 'type=rare'],
    values: { level: rarely('error', 'info'), type: rarely('rare', 'usual'), key: `'k' || i` },
  },
];
