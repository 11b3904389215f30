import {
  CheckoutSession,
  EmailDomain,
  GuardianScan,
  Instance,
  Job,
  JobStep,
  Mailbox,
  Subscription,
} from '../../db/entities/index.ts';
import { keepSecret } from '../../db/queries/secrets.ts';
import { newId } from '../../runtime/ids.ts';
import { codeOf } from './authenticator.ts';
import { estate } from './estate.ts';
import { portFinding } from './findings.ts';
import { type Api, type Caller, PERSON, type stock } from './support.ts';

/** What a request says. */
export interface Wish {
  path: string;
  body?: object;
  /** Whose own login it is about, where it is not the administrator's. */
  as?: { id: string; call: Caller };
}

export const PASSWORD = 'a password of their own';

export const unique = () => newId().slice(-12);

/** The engine answers as Stripe's pages are opened by the workers. */
export function opensPages(api: Api): void {
  let pages = 0;
  api.engine.answer = async (_, input) => {
    const [stripeId, url] = [`cs_${++pages}`, `https://checkout.stripe.com/pay/cs_${pages}`];
    const { sessionId } = input as { sessionId: string };
    await api.orm.em.fork().nativeUpdate(CheckoutSession, { id: sessionId }, { stripeId, url, status: 'open' });
    return { stripeId, url };
  };
}

/** A request that each route with an effect takes, never the same one twice. By method and path. */
export function examplesOf(api: Api, shop: Awaited<ReturnType<typeof stock>>, customerId: string) {
  const own = () => estate(api, { ...shop, customerId });
  const em = () => api.orm.em.fork();
  const order = async () => {
    const items = [
      { productId: shop.products.domain.id, billingCycle: 'yearly', config: { domain: `${unique()}.com` } },
    ];
    return (await api.admin('POST', '/api/orders', { body: { customerId, items } })).body;
  };
  const blocked = (verb: string, body?: object) => async (): Promise<Wish> => {
    const { jobId } = (await order()).order;
    await em().nativeUpdate(Job, { id: jobId }, { status: 'blocked' });
    await em().insert(JobStep, { jobId, name: 'clone', position: 0, status: 'blocked' });
    return { path: `/jobs/${jobId}/${verb}`, ...(body ? { body } : {}) };
  };

  const made = async (noun: string) => {
    const { path, body } = await (EXAMPLES[`POST /${noun}`] as () => Wish | Promise<Wish>)();
    return (await api.admin('POST', `/api${path}`, { body })).body;
  };
  const mailbox = async (): Promise<string> => {
    const { path, body } = await (EXAMPLES['POST /email/mailboxes'] as () => Promise<Wish>)();
    const { id } = (await api.admin('POST', `/api${path}`, { body })).body.mailbox;
    await em().nativeUpdate(Mailbox, { id }, { status: 'active' });
    await em().nativeUpdate(Job, { targetId: id }, { status: 'completed' });
    return id;
  };
  const record = async (): Promise<string> => {
    const { path, body } = await (EXAMPLES['POST /dns/zones/:id/records'] as () => Promise<Wish>)();
    return `${path}/${(await api.admin('POST', `/api${path}`, { body })).body.record.id}`;
  };

  const person = async (fields: object = {}) => {
    const login = { email: `${unique()}@example.com`, password: PASSWORD };
    const body = { ...login, name: 'P', roles: ['staff'], ...fields };
    const { id } = (await api.admin('POST', '/api/users', { body })).body;
    return { id: id as string, call: await api.signIn(login) };
  };
  const enrolled = async () => {
    const as = await person();
    const { body } = await as.call('POST', '/api/auth/second-factor', { body: { password: PASSWORD } });
    return { as, code: (steps: number) => codeOf(body.secret, steps) };
  };
  const armed = async () => {
    const { as, code } = await enrolled();
    await as.call('POST', '/api/auth/second-factor/confirm', { body: { code: code(-1) } });
    return { as, code: () => code(0) };
  };
  const finding = () => portFinding(em(), shop.tenantId);
  const remediation = async (): Promise<string> => {
    const body = { findingId: await finding() };
    return (await api.admin('POST', '/api/guardian/remediations/request', { body })).body.id;
  };

  const EXAMPLES: Record<string, () => Wish | Promise<Wish>> = {
    'POST /auth/logout': async () => ({ path: '/auth/logout', as: await person() }),
    'POST /auth/password': async () => ({
      path: '/auth/password',
      body: { currentPassword: PASSWORD, password: 'a long enough password' },
      as: await person(),
    }),
    'POST /auth/second-factor': async () => ({
      path: '/auth/second-factor',
      body: { password: PASSWORD },
      as: await person(),
    }),
    'POST /auth/second-factor/confirm': async () => {
      const { as, code } = await enrolled();
      return { path: '/auth/second-factor/confirm', body: { code: code(0) }, as };
    },
    'POST /auth/second-factor/off': async () => {
      const { as, code } = await armed();
      return { path: '/auth/second-factor/off', body: { password: PASSWORD, code: code() }, as };
    },
    'POST /api-keys': () => ({ path: '/api-keys', body: { name: 'deploy', scopes: ['customers.read'] } }),
    'DELETE /api-keys/:id': async () => ({ path: `/api-keys/${(await made('api-keys')).apiKey.id}` }),
    'POST /oidc-connections': () => ({
      path: '/oidc-connections',
      body: {
        name: `Provider ${unique()}`,
        issuer: 'https://id.example.com',
        clientId: 'mpanel',
        clientSecret: 'SecurePass123 of the client',
        roleRules: [{ value: 'admins', role: 'admin' }],
      },
    }),
    'PUT /oidc-connections/:id': async () => ({
      path: `/oidc-connections/${(await made('oidc-connections')).id}`,
      body: { name: unique(), clientSecret: 'SecurePass123 of another client' },
    }),
    'DELETE /oidc-connections/:id': async () => ({ path: `/oidc-connections/${(await made('oidc-connections')).id}` }),
    'POST /users/:id/invite': async () => {
      const body = { email: `${unique()}@example.com`, name: 'I', roles: ['staff'] };
      return { path: `/users/${(await api.admin('POST', '/api/users', { body })).body.id}/invite` };
    },
    'DELETE /users/:id/second-factor': async () => ({ path: `/users/${(await armed()).as.id}/second-factor` }),
    'POST /ssl/certificates': async () => ({
      path: '/ssl/certificates',
      body: { domain: `shop.${(await own()).name}` },
    }),
    'POST /ssl/certificates/:id/renew': async () => ({ path: `/ssl/certificates/${(await own()).certificate}/renew` }),
    'POST /cloudpods': () => ({
      path: '/cloudpods',
      body: { customerId, productId: shop.products.pod.id, name: `pod-${unique()}` },
    }),
    'POST /cloudpods/:id/suspend': async () => ({ path: `/cloudpods/${(await own()).pod}/suspend` }),
    'POST /cloudpods/:id/unsuspend': async () => {
      const { pod } = await own();
      await em().nativeUpdate(Instance, { id: pod }, { status: 'suspended' });
      return { path: `/cloudpods/${pod}/unsuspend` };
    },
    'POST /dns/zones/:id/records': async () => ({
      path: `/dns/zones/${(await own()).zone}/records`,
      body: { type: 'A', name: `host-${unique()}`, content: '10.1.10.50', ttl: 300 },
    }),
    'POST /domains/register': () => ({
      path: '/domains/register',
      body: { customerId, domain: `${unique()}.com`, years: 1 },
    }),
    'POST /domains/:id/renew': async () => ({ path: `/domains/${(await own()).domain}/renew`, body: { years: 1 } }),
    'POST /email/domains': async () => {
      const { domain, email } = await own();
      await em().nativeUpdate(EmailDomain, { id: email }, { status: 'deleted' });
      return { path: '/email/domains', body: { domainId: domain, planProductId: shop.products.email.id } };
    },
    'POST /email/mailboxes': async () => ({
      path: '/email/mailboxes',
      body: { domainId: (await own()).domain, localPart: `box-${unique()}`, password: 'SecurePass123!' },
    }),
    'POST /jobs/:id/retry': blocked('retry'),
    'POST /jobs/:id/events/ticket': async () => ({ path: `/jobs/${(await order()).order.jobId}/events/ticket` }),
    'POST /orders/:id/timeline/ticket': async () => ({ path: `/orders/${(await order()).order.id}/timeline/ticket` }),
    'POST /jobs/:id/skip': blocked('skip', { reason: 'done by hand' }),
    'POST /jobs/:id/give-up': blocked('give-up', { reason: 'not wanted any more' }),
    'POST /orders': () => {
      const items = [
        { productId: shop.products.domain.id, billingCycle: 'yearly', config: { domain: `${unique()}.com` } },
      ];
      return { path: '/orders', body: { customerId, items } };
    },
    'POST /payments/session': async () => ({
      path: '/payments/session',
      body: {
        invoiceId: (await order()).invoice.id,
        successUrl: 'https://a.example/ok',
        cancelUrl: 'https://a.example/no',
      },
    }),
    'POST /billing/tax-rates': () => ({
      path: '/billing/tax-rates',
      body: {
        country: 'DE',
        rate: 19,
        validFrom: new Date(Date.now() + Math.random() * 1e12).toISOString().slice(0, 10),
      },
    }),
    'DELETE /billing/tax-rates/:id': async () => ({
      path: `/billing/tax-rates/${(await made('billing/tax-rates')).id}`,
    }),
    'POST /billing/coupons': () => ({
      path: '/billing/coupons',
      body: { code: unique(), kind: 'percent', percent: 10 },
    }),
    'PUT /billing/coupons/:id': async () => ({
      path: `/billing/coupons/${(await made('billing/coupons')).id}`,
      body: { maxUses: 5 },
    }),
    'DELETE /billing/coupons/:id': async () => ({ path: `/billing/coupons/${(await made('billing/coupons')).id}` }),
    'PUT /billing/settings': () => ({ path: '/billing/settings', body: { country: 'DE', pricesIncludeTax: false } }),
    'POST /tenants': () => ({ path: '/tenants', body: { name: `Tenant ${unique()}` } }),
    'POST /customers': () => ({ path: '/customers', body: { ...PERSON, email: `${unique()}@example.com` } }),
    'POST /users': () => ({
      path: '/users',
      body: { email: `${unique()}@example.com`, password: 'a long enough password', name: 'U', roles: ['staff'] },
    }),
    'POST /products': () => ({
      path: '/products',
      body: {
        type: 'cloudpod',
        sku: `CPOD-${unique().toUpperCase()}`,
        name: 'CloudPod',
        metadata: { cpu: 2, ramMb: 4096, diskGb: 40 },
        billingCycles: [{ cycle: 'monthly', price: 1, currency: 'USD' }],
      },
    }),
    'POST /subscriptions/:id/cancel': async () => ({
      path: `/subscriptions/${(await own()).subscription}/cancel`,
      body: { cancelAtPeriodEnd: true },
    }),
    'POST /subscriptions/:id/keep': async () => {
      const { subscription } = await own();
      await api.admin('POST', `/api/subscriptions/${subscription}/cancel`, { body: { cancelAtPeriodEnd: true } });
      await em().findOneOrFail(Subscription, { id: subscription });
      return { path: `/subscriptions/${subscription}/keep` };
    },
    'POST /cloudpods/:id/reveal': async () => ({ path: `/cloudpods/${(await own()).pod}/reveal` }),
    'POST /email/mailboxes/:id/reveal': async () => {
      const id = await mailbox();
      const tx = em();
      const passwordSecretId = keepSecret(tx, api.seal, shop.tenantId, 'mailbox', 'a generated password');
      await tx.flush();
      await em().nativeUpdate(Mailbox, { id }, { passwordSecretId });
      return { path: `/email/mailboxes/${id}/reveal` };
    },
    'PUT /customers/:id': () => ({ path: `/customers/${customerId}`, body: { name: unique() } }),
    'PUT /users/:id': async () => ({
      path: `/users/${(await made('users')).id}`,
      body: { name: unique(), password: 'another password of theirs' },
    }),
    'DELETE /users/:id': async () => ({ path: `/users/${(await made('users')).id}` }),
    'PUT /products/:id': async () => ({ path: `/products/${(await made('products')).id}`, body: { name: unique() } }),
    'DELETE /products/:id': async () => ({ path: `/products/${(await made('products')).id}` }),
    'PATCH /invoices/:id/status': async () => ({
      path: `/invoices/${(await order()).invoice.id}/status`,
      body: { status: 'paid' },
    }),
    'DELETE /cloudpods/:id': async () => ({ path: `/cloudpods/${(await own()).pod}` }),
    'PUT /domains/:id': async () => ({ path: `/domains/${(await own()).domain}`, body: { autoRenew: false } }),
    'PUT /dns/zones/:id/records/:recordId': async () => ({ path: await record(), body: { content: '10.9.9.9' } }),
    'DELETE /dns/zones/:id/records/:recordId': async () => ({ path: await record() }),
    'PUT /email/mailboxes/:id': async () => ({
      path: `/email/mailboxes/${await mailbox()}`,
      body: { quotaMb: 512, password: 'AnotherPass456!' },
    }),
    'POST /guardian/instance': () => ({
      path: '/guardian/instance',
      body: { allowedPorts: [22, 1024 + Math.floor(Math.random() * 60_000)] },
    }),
    'POST /guardian/scan': async () => {
      await api.admin('POST', '/api/guardian/instance', { body: {} });
      await em().nativeUpdate(GuardianScan, {}, { status: 'completed' });
      return { path: '/guardian/scan' };
    },
    'POST /guardian/remediations/request': async () => ({
      path: '/guardian/remediations/request',
      body: { findingId: await finding() },
    }),
    'POST /guardian/remediations/:id/approve-tenant': async () => ({
      path: `/guardian/remediations/${await remediation()}/approve-tenant`,
    }),
    'POST /guardian/remediations/:id/approve-platform': async () => ({
      path: `/guardian/remediations/${await remediation()}/approve-platform`,
    }),
    'DELETE /email/mailboxes/:id': async () => ({ path: `/email/mailboxes/${await mailbox()}` }),
  };

  return (method: string, path: string) => {
    const example = EXAMPLES[`${method.toUpperCase()} ${path}`];
    if (!example) throw new Error(`${method.toUpperCase()} ${path} has no example here`);
    return example();
  };
}
