import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Product } from '../../db/entities/index.ts';
import { type Api, type Caller, customerLogin, startApi, stock } from './support.ts';

let api: Api;
let products: Awaited<ReturnType<typeof stock>>['products'];
let customer: Caller;

beforeAll(async () => {
  api = await startApi();
  ({ products } = await stock(api));
  customer = (await customerLogin(api)).call;
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
