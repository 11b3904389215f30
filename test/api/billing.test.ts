import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Order, Product } from '../../db/entities/index.ts';
import { type Api, type Caller, customerLogin, PERSON, startApi, stock } from './support.ts';

let api: Api;
let products: Awaited<ReturnType<typeof stock>>['products'];
let customer: Caller;
let customerId: string;

beforeAll(async () => {
  api = await startApi({ UNPAID_ORDERS_MAX: '100' });
  ({ products } = await stock(api));
  const login = await customerLogin(api);
  customer = login.call;
  customerId = login.customer.id;
});
afterAll(() => api.close());

const skus = ({ body }: { body: { items: { sku: string }[] } }) => body.items.map(({ sku }) => sku).sort();

describe('What is on sale', () => {
  test('plans stand by themselves, add-ons belong to a CloudPod; a customer sees both', async () => {
    expect(skus(await customer('GET', '/api/billing/plans'))).toEqual(['CPOD-MINI', 'DOMAIN', 'MAIL']);
    expect(skus(await customer('GET', '/api/billing/addons'))).toEqual(['BACKUP', 'EXTRA-DISK', 'EXTRA-IP']);
  });

  test('a plan is its product, to be ordered by its id', async () => {
    const { body } = await customer('GET', '/api/billing/plans?sort=createdAt');
    const plan = body.items.find(({ sku }: { sku: string }) => sku === 'CPOD-MINI');
    const {
      tenantId: _,
      status: __,
      createdAt: ___,
      ...offered
    } = (await api.admin('GET', `/api/products/${products.pod.id}`)).body;
    expect(plan).toEqual(offered);
  });

  test('in pages, and without what is retired', async () => {
    await api.orm.em.fork().nativeUpdate(Product, { id: products.ip.id }, { status: 'retired' });
    const first = await customer('GET', '/api/billing/addons?pageSize=1');
    const second = await customer('GET', '/api/billing/addons?pageSize=1&page=2');
    expect([first.body.total, second.body.total]).toEqual([2, 2]);
    expect([...skus(first), ...skus(second)].sort()).toEqual(['BACKUP', 'EXTRA-DISK']);
  });
});

describe('Taxes', () => {
  const sells = (body: object) => api.admin('PUT', '/api/billing/settings', { body });
  const rate = (body: object) => api.admin('POST', '/api/billing/tax-rates', { body });
  const lives = (country: string) =>
    api.admin('PUT', `/api/customers/${customerId}`, { body: { address: { line1: 'Road 1', city: 'Town', country } } });
  const bought = async (product: { id: string }, quantity = 1) => {
    const items = [{ productId: product.id, billingCycle: 'monthly', quantity }];
    const { body } = await customer('POST', '/api/orders', { body: { customerId, items } });
    const invoice = (await customer('GET', `/api/invoices/${body.invoice.id}`)).body;
    await api.orm.em.fork().nativeUpdate(Order, { id: body.order.id }, { status: 'cancelled' });
    return { ...invoice, ordered: body.order.total };
  };

  test('none as long as the tenant names no country', async () => {
    await rate({ country: 'DE', rate: 19, validFrom: '2020-01-01' });
    await lives('DE');
    expect(await bought(products.pod)).toMatchObject({ subtotal: 9.99, tax: 0, total: 9.99, reverseCharge: false });
  });

  test('the rate in force where the customer is: net prices get it on top, on order and invoice', async () => {
    expect((await sells({ country: 'DE' })).body).toEqual({ country: 'DE', pricesIncludeTax: false, vatId: null });
    await rate({ country: 'DE', rate: 21, validFrom: '2099-01-01' });
    await rate({ country: 'DE', rate: 16, validFrom: '2019-01-01' });
    const invoice = await bought(products.pod, 3);
    expect(invoice).toMatchObject({ subtotal: 29.97, tax: 5.69, total: 35.66, ordered: 35.66 });
    expect(invoice.items).toEqual([
      {
        description: 'CPOD-MINI - monthly',
        quantity: 3,
        unitPrice: 9.99,
        total: 29.97,
        discount: 0,
        net: 29.97,
        taxRate: 19,
        tax: 5.69,
      },
    ]);
  });

  test.each([
    ['AT', 'has a rate of its own', 20],
    ['FR', 'has none, and is in the same union: the seller’s', 19],
    ['US', 'has none, and is outside: no tax', 0],
  ])('a customer in %s, which %s', async (country, _, percent) => {
    await rate({ country: 'AT', rate: 20, validFrom: '2020-01-01' });
    await lives(country);
    expect((await bought(products.pod)).items).toMatchObject([{ taxRate: percent }]);
  });

  test('by the product’s category', async () => {
    await lives('DE');
    await rate({ country: 'DE', category: 'reduced', rate: 7, validFrom: '2020-01-01' });
    await api.admin('PUT', `/api/products/${products.pod.id}`, { body: { taxCategory: 'reduced' } });
    expect((await bought(products.pod)).items).toMatchObject([{ taxRate: 7, tax: 0.7 }]);
    await api.admin('PUT', `/api/products/${products.pod.id}`, { body: { taxCategory: 'exempt' } });
    expect((await bought(products.pod)).tax).toBe(0);
    await api.admin('PUT', `/api/products/${products.pod.id}`, { body: { taxCategory: 'standard' } });
  });

  test('prices that include it are what is paid', async () => {
    await sells({ pricesIncludeTax: true });
    const invoice = await bought(products.pod);
    expect(invoice).toMatchObject({ pricesIncludeTax: true, subtotal: 8.39, tax: 1.6, total: 9.99 });
    await sells({ pricesIncludeTax: false });
  });

  test('one rate a day, 409; deleted, it is not taken any more', async () => {
    const again = await rate({ country: 'AT', rate: 20, validFrom: '2020-01-01' });
    expect([again.status, again.body.error.code]).toEqual([409, 'CONFLICT']);
    const { body } = await api.admin('GET', '/api/billing/tax-rates?pageSize=200');
    const austrian = body.items.find(({ country }: { country: string }) => country === 'AT');
    expect((await api.admin('DELETE', `/api/billing/tax-rates/${austrian.id}`)).status).toBe(204);
    await lives('AT');
    expect((await bought(products.pod)).items).toMatchObject([{ taxRate: 19 }]);
  });

  test.each([
    [{ country: 'Germany', rate: 19, validFrom: '2020-01-01' }],
    [{ country: 'DE', rate: 19.00001, validFrom: '2020-01-01' }],
    [{ country: 'DE', rate: -1, validFrom: '2020-01-01' }],
    [{ country: 'DE', rate: 19, validFrom: '2020-02-30' }],
    [{ country: 'DE', rate: 19, category: 'exempt', validFrom: '2020-01-01' }],
  ])('422 for %j', async (body) => {
    expect((await rate(body)).status).toBe(422);
  });

  test('a customer neither sees nor sets them', async () => {
    expect((await customer('GET', '/api/billing/tax-rates')).status).toBe(404);
    expect((await customer('PUT', '/api/billing/settings', { body: { country: null } })).status).toBe(404);
  });
});

describe('Coupons', () => {
  let codes = 0;
  const make = async (terms: object) => {
    const code = `CODE-${codes++}`;
    const { status, body } = await api.admin('POST', '/api/billing/coupons', { body: { code, ...terms } });
    expect(status).toBe(201);
    return body as { id: string; code: string };
  };
  const order = (couponCode: string, who = customerId, product: { id: string } = products.pod) =>
    api.admin('POST', '/api/orders', {
      body: { customerId: who, couponCode, items: [{ productId: product.id, billingCycle: 'monthly', quantity: 1 }] },
    });
  const person = async (email: string) =>
    (await api.admin('POST', '/api/customers', { body: { ...PERSON, email } })).body.id;
  beforeAll(async () => {
    await api.admin('PUT', '/api/billing/settings', { body: { country: null } });
  });

  test('a percentage off, whatever the case of its code; the order says which', async () => {
    const { code } = await make({ kind: 'percent', percent: 12.5 });
    const { body } = await order(code.toLowerCase());
    expect(body.order).toMatchObject({
      couponCode: code,
      total: 8.74,
      items: [{ price: 9.99, discount: 1.25, charged: 8.74 }],
    });
    const invoice = await api.admin('GET', `/api/invoices/${body.invoice.id}`);
    expect(invoice.body).toMatchObject({ discount: 1.25, subtotal: 8.74, tax: 0, total: 8.74 });
  });

  test('more than it costs: nothing to pay, and the workflow is told to look', async () => {
    const { code } = await make({ kind: 'fixed', amount: 50, currency: 'USD' });
    const { body } = await order(code);
    expect(body.invoice.amount).toBe(0);
    expect(api.engine.parcels.slice(-2)).toMatchObject([{ kind: 'start' }, { kind: 'signal', name: 'payment' }]);
  });

  test.each([
    ['unknown', {}, 'NO-SUCH-CODE'],
    ['not_yet_valid', { validFrom: '2099-01-01T00:00:00Z' }, undefined],
    ['expired', { validUntil: '2020-01-01T00:00:00Z' }, undefined],
    ['currency', { kind: 'fixed', amount: 5, currency: 'EUR' }, undefined],
  ])('422 COUPON_INVALID, reason %s', async (reason, terms, code) => {
    const made = await make({ kind: 'percent', ...('kind' in terms ? {} : { percent: 10 }), ...terms });
    const { status, body } = await order(code ?? made.code);
    expect([status, body.error.code, body.error.details.reason]).toEqual([422, 'COUPON_INVALID', reason]);
  });

  test('422 for products that it is not for', async () => {
    const { code } = await make({ kind: 'percent', percent: 10, productIds: [products.email.id] });
    expect((await order(code)).body.error.details).toEqual({ reason: 'products' });
  });

  test('used as often as it can be and no more, whoever comes at once; a refused order leaves nothing', async () => {
    const { id, code } = await make({ kind: 'percent', percent: 10, maxUses: 3 });
    const people = await Promise.all([...Array(8).keys()].map((at) => person(`many${at}@example.com`)));
    const before = await api.orm.em.fork().count(Order, {});
    const answers = await Promise.all(people.map((who) => order(code, who)));
    const refused = answers.filter(({ status }) => status === 422);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(refused.map(({ body }) => body.error.details.reason)).toEqual(Array(5).fill('used_up'));
    expect(await api.orm.em.fork().count(Order, {})).toBe(before + 3);
    expect((await api.admin('GET', `/api/billing/coupons/${id}`)).body).toMatchObject({ uses: 3 });
    expect((await api.admin('DELETE', `/api/billing/coupons/${id}`)).status).toBe(409);
  });

  test('once for each customer', async () => {
    const { code } = await make({ kind: 'percent', percent: 10, maxUsesPerCustomer: 1 });
    const [one, other] = [await person('one@example.com'), await person('other@example.com')];
    const twice = await Promise.all([order(code, one), order(code, one)]);
    expect(twice.map(({ status }) => status).sort()).toEqual([201, 422]);
    expect((await order(code, other)).status).toBe(201);
    expect((await order(code, one)).body.error.details).toEqual({ reason: 'used_by_customer' });
  });

  test('made, listed, changed and deleted', async () => {
    const { id, code } = await make({ kind: 'fixed', amount: 5, currency: 'USD', recurring: true });
    const { body: list } = await api.admin('GET', '/api/billing/coupons?pageSize=200');
    expect(list.items).toContainEqual(expect.objectContaining({ id, code, amount: 5, recurring: true, uses: 0 }));
    const changed = await api.admin('PUT', `/api/billing/coupons/${id}`, {
      body: { amount: 2, currency: 'USD', maxUses: 1 },
    });
    expect(changed.body).toMatchObject({ amount: 2, maxUses: 1, percent: null });
    expect((await api.admin('PUT', `/api/billing/coupons/${id}`, { body: { percent: 5 } })).status).toBe(422);
    const again = await api.admin('POST', '/api/billing/coupons', { body: { code, kind: 'percent', percent: 1 } });
    expect([again.status, again.body.error.code]).toEqual([409, 'CONFLICT']);
    expect((await api.admin('DELETE', `/api/billing/coupons/${id}`)).status).toBe(204);
  });

  test('no customer reads them', async () => {
    expect((await customer('GET', '/api/billing/coupons')).status).toBe(404);
  });
});

describe('VAT numbers', () => {
  test('as VIES takes it; a new one is unchecked, and the job that asks is started', async () => {
    const given = { body: { vatId: 'de 123.456.789' } };
    const { body } = await customer('PUT', `/api/customers/${customerId}`, given);
    expect(body).toMatchObject({ vatId: 'DE123456789', vatStatus: 'unchecked' });
    expect(api.engine.parcels.at(-1)).toMatchObject({ kind: 'start', name: 'vat_check' });
    const parcels = api.engine.parcels.length;
    await customer('PUT', `/api/customers/${customerId}`, given);
    expect(api.engine.parcels).toHaveLength(parcels);
    const gone = await customer('PUT', `/api/customers/${customerId}`, { body: { vatId: null } });
    expect(gone.body).toMatchObject({ vatId: null, vatStatus: null });
  });

  test.each(['US123456789', 'DE', 'DE12345678901234'])('422 for %s', async (vatId) => {
    expect((await customer('PUT', `/api/customers/${customerId}`, { body: { vatId } })).status).toBe(422);
  });
});
