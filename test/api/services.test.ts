import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AuditEvent, Certificate, DnsRecord, Domain, Instance, Job, Mailbox } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { type Estate, estate } from './estate.ts';
import { type Api, type Caller, customerLogin, PERSON, startApi, stock } from './support.ts';

let api: Api;
let shop: Awaited<ReturnType<typeof stock>>;
let customerId: string;
let owner: Caller;
let stranger: Caller;
let own: Estate;

beforeAll(async () => {
  api = await startApi();
  shop = await stock(api);
  const first = await customerLogin(api);
  customerId = first.customer.id;
  owner = first.call;
  stranger = (await customerLogin(api, { ...PERSON, email: 'stranger@example.com' })).call;
});
beforeEach(async () => {
  own = await estate(api, { ...shop, customerId });
});
afterAll(() => api.close());

const db = () => api.orm.em.fork();
const lastStart = () => api.engine.parcels.filter(({ kind }) => kind === 'start').at(-1);

describe('CloudPods', () => {
  test('201 made directly by staff: no invoice, the job runs', async () => {
    const body = {
      customerId,
      subscriptionId: own.subscription,
      productId: shop.products.pod.id,
      name: 'site-1',
      template: 'CPOD-MINI',
    };
    const answer = await api.admin('POST', '/api/cloudpods', { body });
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.body)).toEqual(['cloudPod', 'job']);
    expect(answer.body.cloudPod).toMatchObject({
      name: 'site-1',
      status: 'pending',
      hostname: 'site-1.pods.mpanel.test',
    });
    expect(answer.body.job).toMatchObject({ type: 'cloudpod_provision', status: 'pending' });
    expect(lastStart()).toMatchObject({ name: 'cloudpod_provision', args: [{ targetId: answer.body.cloudPod.id }] });
  });

  test('201 for a customer: an order that waits for its payment', async () => {
    const body = { customerId, productId: shop.products.pod.id };
    const answer = await owner('POST', '/api/cloudpods', { body });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      order: { status: 'pending', total: 9.99 },
      invoice: { status: 'unpaid', amount: 9.99 },
    });
    expect(lastStart()).toMatchObject({ name: 'order_fulfil', args: [{ targetId: answer.body.order.id }] });
  });

  test('422 for a product of another type, a foreign subscription, a foreign customer', async () => {
    const productId = shop.products.pod.id;
    const post = async (body: object) => (await api.admin('POST', '/api/cloudpods', { body })).status;
    expect(await post({ customerId, productId: shop.products.email.id })).toBe(422);
    expect(await post({ customerId, productId, subscriptionId: newId() })).toBe(422);
    expect(await post({ customerId: newId(), productId })).toBe(422);
  });

  test('202 suspend, 409 again, 202 unsuspend once it is suspended', async () => {
    const path = `/api/cloudpods/${own.pod}`;
    const { status, body } = await api.admin('POST', `${path}/suspend`);
    expect([status, body.cloudPod.status, body.job.type]).toEqual([202, 'suspending', 'cloudpod_suspend']);
    expect((await api.admin('POST', `${path}/suspend`)).body.error.code).toBe('WRONG_STATE');
    await db().nativeUpdate(Instance, { id: own.pod }, { status: 'suspended' });
    expect((await api.admin('POST', `${path}/unsuspend`)).body.error.code).toBe('JOB_RUNNING');
    await db().nativeUpdate(Job, { targetId: own.pod }, { status: 'completed' });
    expect((await api.admin('POST', `${path}/unsuspend`)).body.job.type).toBe('cloudpod_unsuspend');
  });

  test('two suspensions at once: one job', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => api.admin('POST', `/api/cloudpods/${own.pod}/suspend`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
  });

  test('202 delete, 409 for one that is only ordered', async () => {
    const { status, body } = await api.admin('DELETE', `/api/cloudpods/${own.pod}`);
    expect([status, body.job.type]).toEqual([202, 'cloudpod_delete']);
    const ordered = await owner('POST', '/api/cloudpods', { body: { customerId, productId: shop.products.pod.id } });
    expect((await api.admin('DELETE', `/api/cloudpods/${ordered.body.cloudPod.id}`)).status).toBe(409);
  });

  test('200 reveals the root password once, then 410', async () => {
    const path = `/api/cloudpods/${own.pod}/reveal`;
    expect((await stranger('POST', path)).status).toBe(404);
    const first = await owner('POST', path, { headers: { 'idempotency-key': 'no' } });
    expect(first.body).toEqual({ username: 'root', password: 'the root password' });
    const again = await owner('POST', path, { headers: { 'idempotency-key': 'no' } });
    expect([again.status, again.body.error.code]).toEqual([410, 'ALREADY_REVEALED']);
    expect(await db().count(AuditEvent, { action: 'cloudpod.password_revealed', resourceId: own.pod })).toBe(1);
  });

  test('403 for the owner’s suspend and delete, 404 for a stranger’s', async () => {
    for (const [call, status] of [
      [owner, 403],
      [stranger, 404],
    ] as const) {
      expect((await call('POST', `/api/cloudpods/${own.pod}/suspend`)).status).toBe(status);
      expect((await call('DELETE', `/api/cloudpods/${own.pod}`)).status).toBe(status);
    }
    expect((await db().findOneOrFail(Instance, { id: own.pod })).status).toBe('active');
  });

  test('200 lists by status, each its own', async () => {
    const { body } = await owner('GET', '/api/cloudpods?status=active');
    expect(body.items.map((pod: { id: string }) => pod.id)).toContain(own.pod);
    expect((await stranger('GET', `/api/cloudpods?customerId=${customerId}`)).body).toEqual({ items: [], total: 0 });
  });
});

describe('Subscriptions', () => {
  test('202 cancel at the end, taken back, 409 without one', async () => {
    const path = `/api/subscriptions/${own.subscription}`;
    const { status, body } = await owner('POST', `${path}/cancel`, { body: { cancelAtPeriodEnd: true } });
    expect([status, body.subscription.cancelAtPeriodEnd, body.job.type]).toEqual([202, true, 'subscription_cancel']);
    expect((await owner('POST', `${path}/cancel`, { body: { cancelAtPeriodEnd: false } })).status).toBe(409);
    const kept = await owner('POST', `${path}/keep`);
    expect([kept.status, kept.body.subscription.cancelAtPeriodEnd]).toEqual([202, false]);
    expect(api.engine.parcels.at(-1)).toMatchObject({ kind: 'signal', name: 'keep' });
    await db().nativeUpdate(Job, { id: body.job.id }, { status: 'cancelled' });
    expect((await owner('POST', `${path}/keep`)).status).toBe(409);
  });

  test('200 by the type of product', async () => {
    const ids = async (type: string) =>
      (await owner('GET', `/api/subscriptions?productType=${type}&pageSize=200`)).body.items.map(
        (row: { id: string }) => row.id,
      );
    expect(await ids('cloudpod')).toContain(own.subscription);
    expect(await ids('email')).not.toContain(own.subscription);
  });
});

describe('Domains', () => {
  test('200 search asks a worker and prices the answer', async () => {
    api.engine.answer = () => ({ available: true, reason: null });
    const price = { register: 9.99, renew: 10.99, transfer: 8.99, currency: 'USD' };
    for (const query of ['q=B%C3%BCcher.com', 'q=B%C3%BCcher&tld=com'])
      expect((await owner('GET', `/api/domains/search?${query}`)).body).toEqual({
        query: 'xn--bcher-kva.com',
        available: true,
        price,
        reason: null,
      });
    expect(api.engine.asked.at(-1)).toMatchObject({ question: 'ask_domain', input: { name: 'xn--bcher-kva.com' } });
  });

  test('200 not available where the top-level domain is not sold; nobody is asked', async () => {
    const asked = api.engine.asked.length;
    const { body } = await owner('GET', '/api/domains/search?q=example.zz');
    expect(body).toEqual({ query: 'example.zz', available: false, price: null, reason: '.zz is not sold here' });
    expect(api.engine.asked.length).toBe(asked);
  });

  test('504 when the registrar is slow', async () => {
    api.engine.answer = () => 'late';
    expect((await owner('GET', '/api/domains/search?q=example.com')).status).toBe(504);
  });

  test('201 register: a job for staff, an order for a customer', async () => {
    const body = {
      customerId,
      domain: 'staff-made.com',
      years: 2,
      contact: { name: 'John Doe', email: 'john@example.com' },
    };
    const made = await api.admin('POST', '/api/domains/register', { body });
    expect([made.status, Object.keys(made.body)]).toEqual([201, ['domain', 'job']]);
    const row = await db().findOneOrFail(Domain, { id: made.body.domain.id });
    expect(row.contact).toMatchObject({ name: 'John Doe', city: 'Miami', countryCode: 'US', phone: '+1.5551234' });
    expect(row.registrant).toMatch(/^mp-[0-9a-f]{8}$/);
    const bought = await owner('POST', '/api/domains/register', { body: { ...body, domain: 'bought.com' } });
    expect(bought.body).toMatchObject({ order: { total: 19.98 }, invoice: { status: 'unpaid' } });
  });

  test('409 for a name that is registered here, 422 for one that is none', async () => {
    const post = async (domain: string) =>
      (await api.admin('POST', '/api/domains/register', { body: { customerId, domain, years: 1 } })).status;
    expect([await post(own.name), await post('exa mple.com'), await post('-x.com'), await post('a.b.com')]).toEqual([
      409, 422, 422, 422,
    ]);
  });

  test('202 renew by its customer is an order with an invoice at the price of a renewal', async () => {
    const path = `/api/domains/${own.domain}/renew`;
    const before = await db().findOneOrFail(Domain, { id: own.domain });
    const { status, body } = await owner('POST', path, { body: { years: 2 } });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      domain: { id: own.domain, status: 'active' },
      job: { type: 'domain_renew', status: 'pending' },
      order: { status: 'pending', total: 21.98, currency: 'USD' },
      invoice: { status: 'unpaid', amount: 21.98 },
    });
    expect(lastStart()).toMatchObject({ name: 'order_fulfil', args: [{ targetId: body.order.id }] });
    expect(await db().findOneOrFail(Domain, { id: own.domain })).toEqual(before);
    expect((await owner('POST', path, { body: { years: 1 } })).status).toBe(409);
    expect((await stranger('POST', path, { body: { years: 1 } })).status).toBe(404);
    await db().nativeUpdate(Job, { orderId: body.order.id }, { status: 'cancelled' });
  });

  test('202 renew by staff keeps the expiry it starts from', async () => {
    const { status, body } = await api.admin('POST', `/api/domains/${own.domain}/renew`, { body: { years: 2 } });
    expect([status, body.job.type]).toEqual([202, 'domain_renew']);
    const row = await db().findOneOrFail(Domain, { id: own.domain });
    expect(row.renewal).toEqual({ from: own.expiresAt.toISOString(), years: 2 });
    expect((await api.admin('POST', `/api/domains/${own.domain}/renew`, { body: { years: 1 } })).status).toBe(409);
  });
});

describe('DNS', () => {
  const www = { type: 'a', name: 'WWW', content: '10.1.10.50', ttl: 300, priority: null };
  const records = (id = '') => `/api/dns/zones/${own.zone}/records${id && `/${id}`}`;

  test('201, 200, 202: a record is written, changed, deleted, each with a job', async () => {
    const made = await owner('POST', records(), { body: www });
    expect(made.status).toBe(201);
    expect(made.body.record).toMatchObject({
      type: 'A',
      name: 'www',
      content: '10.1.10.50',
      ttl: 300,
      managedBy: null,
    });
    expect(lastStart()).toMatchObject({ name: 'dns_apply', args: [{ targetId: own.zone }] });
    const { id } = made.body.record;
    const changed = await owner('PUT', records(id), { body: { content: '10.1.10.51' } });
    expect([changed.status, changed.body.content, changed.body.name]).toEqual([200, '10.1.10.51', 'www']);
    expect((await owner('GET', records())).body.items).toMatchObject([{ id, content: '10.1.10.51' }]);
    expect((await owner('DELETE', records(id))).status).toBe(202);
    expect((await owner('GET', records())).body.items).toEqual([]);
    expect((await owner('DELETE', records(id))).status).toBe(404);
  });

  test.each([
    ['an address that is none', { ...www, content: '10.1.10.500' }],
    ['a name outside the zone', { ...www, name: 'www.elsewhere.org.' }],
    ['a CNAME at the zone itself', { type: 'CNAME', name: '@', content: 'x.example.com', ttl: 300 }],
    ['an unknown type', { ...www, type: 'BOGUS' }],
    ['a ttl that is none', { ...www, ttl: -1 }],
  ])('422 for %s', async (_, body) => {
    expect((await owner('POST', records(), { body })).status).toBe(422);
    expect(await db().count(DnsRecord, { zoneId: own.zone })).toBe(0);
  });

  test('409 for the same record twice, and beside a CNAME', async () => {
    await owner('POST', records(), { body: www });
    expect((await owner('POST', records(), { body: www })).status).toBe(409);
    const alias = { type: 'CNAME', name: 'www', content: 'x.example.com', ttl: 300 };
    expect((await owner('POST', records(), { body: alias })).status).toBe(409);
  });

  test('409 for what the platform keeps', async () => {
    const em = db();
    const id = newId();
    em.create(DnsRecord, {
      ...www,
      id,
      type: 'A',
      tenantId: shop.tenantId,
      zoneId: own.zone,
      managedBy: `instance/${own.pod}`,
    });
    await em.flush();
    expect((await owner('PUT', records(id), { body: { ttl: 600 } })).body.error.code).toBe('RECORD_MANAGED');
    expect((await owner('DELETE', records(id))).status).toBe(409);
  });

  test('404 for a stranger, and for the platform’s own zone', async () => {
    expect((await stranger('GET', records())).status).toBe(404);
    expect((await stranger('POST', records(), { body: www })).status).toBe(404);
    const zones = (await owner('GET', '/api/dns/zones?pageSize=200')).body.items;
    expect(zones.map((zone: { domain: string }) => zone.domain)).not.toContain('mpanel.test');
    expect((await owner('GET', `/api/dns/zones?domainId=${own.domain}`)).body.items).toMatchObject([
      { id: own.zone, domain: own.name },
    ]);
  });
});

describe('Email', () => {
  const support = () => ({ domainId: own.domain, localPart: 'Support', password: 'SecurePass123!', quotaMb: 1024 });

  test('201 a mailbox; its password is kept as a hash alone', async () => {
    const { status, body } = await owner('POST', '/api/email/mailboxes', { body: support() });
    expect([status, body.mailbox.localPart, body.job.type]).toEqual([201, 'support', 'mailbox_create']);
    const row = await db().findOneOrFail(Mailbox, { id: body.mailbox.id });
    expect(row.passwordHash).toMatch(/^\{ARGON2ID\}\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(row.passwordSecretId).toBeNull();
    expect((await owner('POST', '/api/email/mailboxes', { body: support() })).status).toBe(409);
    expect((await owner('GET', `/api/email/mailboxes?domainId=${own.domain}`)).body.items).toHaveLength(1);
    expect((await owner('POST', `/api/email/mailboxes/${row.id}/reveal`)).status).toBe(410);
  });

  test('200 reveals a generated password once', async () => {
    const { password: _, ...body } = support();
    const { id } = (await owner('POST', '/api/email/mailboxes', { body })).body.mailbox;
    expect((await owner('POST', `/api/email/mailboxes/${id}/reveal`)).body.password).toHaveLength(20);
    expect((await owner('POST', `/api/email/mailboxes/${id}/reveal`)).status).toBe(410);
  });

  test('200 changed, 202 deleted, once it is there', async () => {
    const { mailbox } = (await owner('POST', '/api/email/mailboxes', { body: support() })).body;
    const path = `/api/email/mailboxes/${mailbox.id}`;
    expect((await owner('PUT', path, { body: { quotaMb: 5 } })).status).toBe(409);
    const settle = () => db().nativeUpdate(Job, { targetId: mailbox.id }, { status: 'completed' });
    await db().nativeUpdate(Mailbox, { id: mailbox.id }, { status: 'active' });
    await settle();
    const changed = await owner('PUT', path, { body: { quotaMb: 5, password: 'another password' } });
    expect([changed.status, changed.body.quotaMb]).toEqual([200, 5]);
    await settle();
    const { domainId, localPart } = support();
    for (const same of [domainId, mailbox.emailDomainId]) {
      const { status } = await owner('PUT', path, { body: { domainId: same, localPart: localPart.toUpperCase() } });
      expect(status).toBe(200);
      await settle();
    }
    for (const moved of [{ domainId: newId() }, { localPart: 'sales' }]) {
      const { status, body } = await owner('PUT', path, { body: moved });
      expect([status, body.error.code]).toEqual([409, 'WRONG_STATE']);
    }
    expect((await stranger('DELETE', path)).status).toBe(404);
    expect((await owner('DELETE', path)).status).toBe(202);
    expect((await db().findOneOrFail(Mailbox, { id: mailbox.id })).status).toBe('deleting');
  });

  test('404 and 422 for domains of nobody; an order for a customer’s attach', async () => {
    expect((await owner('POST', '/api/email/mailboxes', { body: { ...support(), domainId: newId() } })).status).toBe(
      404,
    );
    const attach = (domainId: string) =>
      owner('POST', '/api/email/domains', { body: { domainId, planProductId: shop.products.email.id } });
    expect((await attach(newId())).status).toBe(422);
    const { status, body } = await attach(own.domain);
    expect([status, body.emailDomain.domain, body.invoice.amount]).toEqual([201, own.name, 3]);
    const staff = await api.admin('POST', '/api/email/domains', {
      body: { domainId: own.domain, planProductId: shop.products.email.id, localPart: 'hello' },
    });
    expect([staff.status, staff.body.job.type, staff.body.order]).toEqual([201, 'email_attach', undefined]);
  });
});

describe('Certificates', () => {
  const request = (body: object, call = owner) => call('POST', '/api/ssl/certificates', { body });

  test('201 for a name in a zone of theirs, and for their CloudPod’s', async () => {
    const { status, body } = await request({ domain: `shop.${own.name}`, type: 'letsencrypt' });
    expect([status, body.certificate.status, body.job.type]).toEqual([201, 'pending', 'certificate_issue']);
    expect((await request({ domain: `www.${own.name}`, targetId: own.pod })).status).toBe(201);
  });

  test('422 for a name of somebody else’s, or of the platform', async () => {
    expect((await request({ domain: `shop.${own.name}` }, stranger)).status).toBe(422);
    expect((await request({ domain: 'mx.mpanel.test' })).status).toBe(422);
    expect((await request({ domain: 'mx.mpanel.test', targetId: own.pod })).status).toBe(422);
    expect((await request({ domain: `www.${own.name}`, targetId: newId() })).status).toBe(422);
  });

  test('202 renew, 409 before it was issued', async () => {
    const path = (id: string) => `/api/ssl/certificates/${id}/renew`;
    expect((await owner('POST', path(own.certificate))).body.job.type).toBe('certificate_renew');
    const { body } = await request({ domain: `new.${own.name}` });
    expect((await owner('POST', path(body.certificate.id))).status).toBe(409);
  });

  test('200 download of chain and key, audited; 404 for a stranger', async () => {
    const path = `/api/ssl/certificates/${own.certificate}/download`;
    expect((await stranger('GET', path)).status).toBe(404);
    const { text, headers } = await owner('GET', path);
    expect(headers.get('content-type')).toContain('application/x-pem-file');
    expect(text).toMatch(
      /^-----BEGIN CERTIFICATE-----\nleaf\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nkey\n/,
    );
    expect(await db().count(AuditEvent, { action: 'certificate.downloaded', resourceId: own.certificate })).toBe(1);
    await db().nativeUpdate(Certificate, { id: own.certificate }, { chain: null });
    expect((await owner('GET', path)).status).toBe(409);
  });
});
