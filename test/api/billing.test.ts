import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Order, Product } from '../../db/entities/index.ts';
import { type Api, type Caller, customerLogin, startApi, stock } from './support.ts';

let api: Api;
let products: Awaited<ReturnType<typeof stock>>['products'];
let customer: Caller;
let customerId: string;

beforeAll(async () => {
  api = await startApi();
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
    expect((await sells({ country: 'DE' })).body).toEqual({ country: 'DE', pricesIncludeTax: false });
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
