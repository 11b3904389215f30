import type { Customer } from '../../../db/entities/index.ts';
import { type Estate, estate } from '../estate.ts';
import { portFinding } from '../findings.ts';
import type { Api, stock } from '../support.ts';

/** Rows of one customer of the house, by the path that they have: what everybody asks for. */
export async function rowsOf(api: Api, shop: Awaited<ReturnType<typeof stock>>, customerId: Customer['id']) {
  const own: Estate = await estate(api, { ...shop, customerId });
  const make = async (path: string, body: object) => (await api.admin('POST', `/api${path}`, { body })).body;
  const items = [{ productId: shop.products.pod.id, billingCycle: 'monthly', quantity: 1 }];
  const { order, invoice } = await make('/orders', { customerId, items });
  const { mailbox } = await make('/email/mailboxes', {
    ...{ domainId: own.domain, localPart: 'support', password: 'SecurePass123!' },
  });
  const record = { type: 'A', name: 'www', content: '10.1.10.50', ttl: 300 };
  await make(`/dns/zones/${own.zone}/records`, record);
  const login = await make('/users', { email: 'desk@mpanel.test', name: 'D', roles: ['staff'] });
  const key = await make('/api-keys', { name: 'key', scopes: ['users.read'] });
  const connection = await make('/oidc-connections', {
    ...{ name: 'Provider', issuer: 'https://id.example.com', clientId: 'mpanel', clientSecret: 'secret' },
    roleRules: [{ value: 'admins', role: 'admin' }],
  });
  const tax = await make('/billing/tax-rates', { country: 'US', rate: 7, validFrom: '2026-01-01' });
  const coupon = await make('/billing/coupons', { code: 'WELCOME10', kind: 'percent', percent: 10 });
  await make('/guardian/instance', {});
  const { scan } = await make('/guardian/scan', {});
  const findingId = await portFinding(api.orm.em.fork(), shop.tenantId);
  const remediation = await make('/guardian/remediations/request', { findingId });
  const first = async (path: string) => (await api.admin('GET', `/api${path}`)).body.items[0].id as string;
  return {
    '/api-keys': key.apiKey.id,
    '/oidc-connections': connection.id,
    '/tenants': shop.tenantId,
    '/users': login.id,
    '/customers': customerId,
    '/products': shop.products.pod.id,
    '/billing/plans': shop.products.pod.id,
    '/billing/addons': shop.products.ip.id,
    '/billing/tax-rates': tax.id,
    '/billing/coupons': coupon.id,
    '/orders': order.id,
    '/invoices': invoice.id,
    '/subscriptions': own.subscription,
    '/cloudpods': own.pod,
    '/jobs': order.jobId,
    '/servers': await first('/servers'),
    '/domains': own.domain,
    '/dns/zones': own.zone,
    '/email/domains': own.email,
    '/email/mailboxes': mailbox.id,
    '/ssl/certificates': own.certificate,
    '/guardian/scans': scan.id,
    '/guardian/findings': findingId,
    '/guardian/remediations': remediation.id,
    '/audit': await first('/audit'),
  } as Record<string, string>;
}
