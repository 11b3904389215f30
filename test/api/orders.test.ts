import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  Certificate,
  DnsRecord,
  DnsZone,
  Instance,
  Job,
  OrderItem,
  Outbox,
  Secret,
  Subscription,
} from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { type Api, customerLogin, PERSON, startApi, stock } from './support.ts';

let api: Api;
let products: Awaited<ReturnType<typeof stock>>['products'];
let customerId: string;

beforeAll(async () => {
  api = await startApi({ UNPAID_ORDERS_MAX: '100' });
  ({ products } = await stock(api));
  customerId = (await api.admin('POST', '/api/customers', { body: PERSON })).body.id;
});
afterAll(() => api.close());

const item = (product: { id: string }, config?: object, quantity = 1) => ({
  productId: product.id,
  billingCycle: 'monthly',
  quantity,
  ...(config ? { config } : {}),
});
const order = (...items: object[]) => api.admin('POST', '/api/orders', { body: { customerId, items } });

describe('POST /api/orders', () => {
  test('201 writes order, items, resources, invoice, subscriptions and jobs, and starts the workflow', async () => {
    const { status, body } = await order(item(products.pod));
    expect(status).toBe(201);
    expect(body.order).toMatchObject({ status: 'pending', total: 9.99, currency: 'USD' });
    expect(body.invoice).toMatchObject({ status: 'unpaid', amount: 9.99 });
    const em = api.orm.em.fork();
    const [unit] = body.order.items;
    const instance = await em.findOneOrFail(Instance, { id: unit.resourceId });
    expect(instance).toMatchObject({ status: 'pending', cores: 2, memoryMb: 2048, diskGb: 40, template: 'CPOD-MINI' });
    expect(instance.hostname).toMatch(/^[a-z]+-[a-z]+-[0-9a-f]{6}\.pods\.mpanel\.test$/);
    expect(instance.mac).toMatch(/^BC:24:11(:[0-9A-F]{2}){3}$/);
    expect([instance.vmid, instance.ipv4, instance.node]).not.toContain(null);
    expect(await em.findOneOrFail(Certificate, { targetId: instance.id })).toMatchObject({ domain: instance.hostname });
    expect(await em.findOneOrFail(Subscription, { resourceId: instance.id })).toMatchObject({
      status: 'pending',
      price: 999,
    });
    const jobs = await em.find(Job, { orderId: body.order.id }, { orderBy: { id: 'asc' } });
    expect(jobs.map((job) => [job.type, job.targetId])).toEqual([
      ['order_fulfil', body.order.id],
      ['cloudpod_provision', instance.id],
    ]);
    expect(jobs[1]?.parentJobId).toBe(body.order.jobId);
    expect(api.engine.parcels.at(-1)).toMatchObject({
      kind: 'start',
      name: 'order_fulfil',
      workflowId: jobs[0]?.workflowId,
    });
    expect(await em.findOneOrFail(Outbox, { workflowId: String(jobs[0]?.workflowId) })).toMatchObject({
      state: 'sent',
    });
  });

  test.each([-1, 0, 1.5, 21, 1e9, 1e300, '2', null])(
    '422 for a quantity of %p, of a thing or of an add-on',
    async (quantity) => {
      const extra = { productId: products.ip.id, quantity };
      expect((await order({ ...item(products.pod), quantity })).status).toBe(422);
      expect((await order({ ...item(products.pod), addons: [extra] })).status).toBe(422);
    },
  );

  test('422 for more things than an order can hold, counted with their add-ons', async () => {
    const addons = [{ productId: products.ip.id, quantity: 10 }];
    const { status, body } = await order({ ...item(products.pod, undefined, 19), addons });
    expect([status, body.error.message]).toEqual([422, expect.stringContaining('at most 200')]);
  });

  test('201 with domain, mail and add-ons: each unit an item, what depends on others after them', async () => {
    const { status, body } = await order(
      {
        ...item(products.pod, { hostname: 'www.shop-one.com' }),
        addons: [{ productId: products.disk.id, quantity: 2 }],
      },
      item(products.email, { domain: 'shop-one.com', password: 'mail password one' }),
      item(products.domain, { domain: 'Shop-One.com', years: 2 }),
    );
    expect(status).toBe(201);
    expect(body.order.total).toBe(9.99 + 3 + 2 * 9.99 + 2 * 1.5);
    expect(body.order.items.map((unit: { type: string }) => unit.type)).toEqual([
      'domain',
      'cloudpod',
      'email',
      'addon',
      'addon',
    ]);
    const em = api.orm.em.fork();
    const items = await em.find(OrderItem, { orderId: body.order.id }, { orderBy: { position: 'asc' } });
    const [domain, pod] = items as [OrderItem, OrderItem];
    expect(items.map((unit) => unit.dependsOn)).toEqual([[], [domain.id], [domain.id], [pod.id], [pod.id]]);
    expect(JSON.stringify(items)).not.toContain('mail password one');
    const invoice = await api.admin('GET', `/api/invoices/${body.invoice.id}`);
    expect(invoice.body.items).toContainEqual({
      description: 'EXTRA-DISK - monthly',
      quantity: 2,
      unitPrice: 1.5,
      total: 3,
      discount: 0,
      net: 3,
      taxRate: 0,
      tax: 0,
    });
  });

  test('201 while the engine is down: the outbox keeps the start', async () => {
    api.engine.down = true;
    const { status, body } = await order(item(products.pod));
    api.engine.down = false;
    expect(status).toBe(201);
    const job = await api.orm.em.fork().findOneOrFail(Job, { id: body.order.jobId });
    expect(await api.orm.em.fork().findOneOrFail(Outbox, { workflowId: job.workflowId })).toMatchObject({
      state: 'pending',
    });
  });

  test('201 without capacity: the order waits for it', async () => {
    const { body } = await order(item(products.pod, undefined, 8));
    const em = api.orm.em.fork();
    const held = await em.count(Instance, { vmid: { $ne: null } });
    expect(held).toBe(8);
    expect(await em.count(OrderItem, { orderId: body.order.id })).toBe(8);
  });

  test.each([
    ['an unknown product', () => [item({ id: '00000000-0000-7000-8000-000000000000' })], 'items.0.productId'],
    ['a cycle that is not sold', () => [{ ...item(products.pod), billingCycle: 'quarterly' }], 'items.0.billingCycle'],
    ['a setting of another type', () => [item(products.pod, { domain: 'example.com' })], 'items.0.config'],
    ['a host name in no zone of theirs', () => [item(products.pod, { hostname: 'www.elsewhere.org' })], 'hostname'],
    ['an unknown image', () => [item(products.pod, { template: 'windows-95' })], 'template'],
    ['a domain without its name', () => [item(products.domain, {})], 'items.0.config.domain'],
    ['a top-level domain that is not sold', () => [item(products.domain, { domain: 'example.zz' })], '.zz is not sold'],
    [
      'one name twice',
      () => [item(products.domain, { domain: 'x.com' }), item(products.domain, { domain: 'X.com' })],
      'twice',
    ],
    ['two of one name', () => [item(products.domain, { domain: 'x.com' }, 2)], 'quantity'],
    ['an add-on without its CloudPod', () => [item(products.ip)], 'instanceId'],
    [
      'a CloudPod as an add-on',
      () => [{ ...item(products.pod), addons: [{ productId: products.pod.id }] }],
      'no add-on',
    ],
    ['mail for a name of nobody', () => [item(products.email, { domain: 'nobody.org' })], 'zone'],
  ])('422 for %s', async (_, items, message) => {
    const before = await api.orm.em.fork().count(Secret, {});
    const { status, body } = await order(...items());
    expect(status).toBe(422);
    expect(body.error.code).toBe('VALIDATION_FAILED');
    expect(body.error.message).toContain(message);
    expect(await api.orm.em.fork().count(Secret, {})).toBe(before);
  });

  test('422 for a contact that nobody can complete, naming the field', async () => {
    const { body: bare } = await api.admin('POST', '/api/customers', {
      body: { name: 'B', email: 'bare@example.com' },
    });
    const items = [item(products.domain, { domain: 'bare-one.com' })];
    const { status, body } = await api.admin('POST', '/api/orders', { body: { customerId: bare.id, items } });
    expect(status).toBe(422);
    expect(body.error.message).toContain('contact.address.city');
  });

  test('a customer puts names into zones of their own alone, and hosts beside the house’s', async () => {
    const { customer, call } = await customerLogin(api, { ...PERSON, email: 'zones@example.com' });
    const em = api.orm.em.fork();
    const house = await em.findOneOrFail(DnsZone, { name: 'mpanel.test' });
    const { tenantId } = house;
    em.create(DnsZone, { id: newId(), tenantId, customerId, name: 'somebody.org', status: 'active' });
    em.create(DnsZone, { id: newId(), tenantId, customerId: customer.id, name: 'theirs.org', status: 'active' });
    em.create(DnsRecord, {
      id: newId(),
      tenantId,
      zoneId: house.id,
      type: 'A',
      name: 'ns1',
      content: '127.0.0.1',
      ttl: 300,
    });
    await em.flush();
    const place = async (...items: object[]) =>
      (await call('POST', '/api/orders', { body: { customerId: customer.id, items } })).status;
    const pod = (hostname: string) => place(item(products.pod, { hostname }));
    const mail = (domain: string) => place(item(products.email, { domain }));
    expect([await pod('www.theirs.org'), await mail('theirs.org'), await pod('mine.mpanel.test')]).toEqual([
      201, 201, 201,
    ]);
    expect([await pod('www.somebody.org'), await mail('somebody.org'), await mail('mpanel.test')]).toEqual([
      422, 422, 422,
    ]);
    expect(await pod('ns1.mpanel.test')).toBe(409);
  });

  test('422 COUPON_INVALID', async () => {
    const body = { customerId, items: [item(products.pod)], couponCode: 'WELCOME10' };
    expect((await api.admin('POST', '/api/orders', { body })).body.error.code).toBe('COUPON_INVALID');
  });

  test('409 for a host name in use', async () => {
    const taken = item(products.pod, { hostname: 'one.pods.mpanel.test' });
    expect((await order(taken)).status).toBe(201);
    const again = await order(taken);
    expect([again.status, again.body.error.code]).toEqual([409, 'HOSTNAME_TAKEN']);
  });

  test('422 for a host name that two of one order would have', async () => {
    const two = await order({ ...item(products.pod, { name: 'twins' }), quantity: 2 });
    expect([two.status, two.body.error.details.issues]).toMatchObject([422, [{ path: ['items', 0, 'quantity'] }]]);
    for (const config of [{ name: 'twins' }, { hostname: 'twins.pods.mpanel.test' }]) {
      const { status, body } = await order(item(products.pod, config), item(products.pod, config));
      const at = ['items', 1, 'config', Object.keys(config)[0]];
      expect([status, body.error.details.issues]).toMatchObject([422, [{ path: at }]]);
    }
    expect((await order(item(products.pod, { name: 'twins' }))).status).toBe(201);
  });

  test('409 when too many are unpaid', async () => {
    const { orm, config } = api;
    const { customer, call } = await customerLogin(api, { ...PERSON, email: 'many@example.com' });
    const place = () => call('POST', '/api/orders', { body: { customerId: customer.id, items: [item(products.pod)] } });
    for (let i = 0; i < config.UNPAID_ORDERS_MAX; i++)
      await orm.em.getConnection().execute(
        `insert into orders (id, tenant_id, customer_id, currency, total, payment_due_at)
           select gen_random_uuid(), tenant_id, id, 'USD', 1, now() from customer where id = ?`,
        [customer.id],
      );
    const { status, body } = await place();
    expect([status, body.error.code]).toEqual([409, 'TOO_MANY_UNPAID_ORDERS']);
  });

  test('404 for an order of somebody else', async () => {
    const { body } = await order(item(products.pod));
    const { call } = await customerLogin(api, { ...PERSON, email: 'other@example.com' });
    expect((await api.admin('GET', `/api/orders/${body.order.id}`)).status).toBe(200);
    const hidden = await call('GET', `/api/orders/${body.order.id}`);
    const missing = await call('GET', '/api/orders/00000000-0000-7000-8000-000000000000');
    expect([hidden.status, hidden.text]).toEqual([404, missing.text]);
    const foreign = await call('POST', '/api/orders', { body: { customerId, items: [item(products.pod)] } });
    expect(foreign.status).toBe(404);
  });
});
