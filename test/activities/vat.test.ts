import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { placeOrder } from '../../api/usecases/orders/place.ts';
import { Customer, Invoice, Job, type Order, Product, TaxRate, Tenant, VatCheck } from '../../db/entities/index.ts';
import { jobInput } from '../../db/queries/jobs.ts';
import { newId } from '../../runtime/ids.ts';
import { type Scene, sceneOf } from '../laws/support/scene.ts';
import { type Hands, openWorld, type World } from '../laws/support/world.ts';

let world: World;
let hands: Hands;
let scene: Scene;
let product: Product;
beforeAll(async () => {
  world = await openWorld();
  hands = world.hands(false);
  scene = sceneOf(world, hands);
  const em = world.em();
  await em.nativeUpdate(Tenant, { id: world.tenantId }, { country: 'FR', vatId: 'FR12345678901' });
  const rate = { country: 'FR', category: 'standard' as const, rate: 200_000, validFrom: '2020-01-01' };
  await em.insert(TaxRate, { id: newId(), tenantId: world.tenantId, ...rate });
  product = em.create(Product, {
    ...{ id: newId(), tenantId: world.tenantId, name: 'Pod', type: 'cloudpod', sku: 'VAT-POD' },
    metadata: { kind: 'qemu', cpu: 1, ramMb: 512, diskGb: 10, image: 'debian-12' },
    billingCycles: [{ cycle: 'monthly', amount: 1200, currency: 'EUR' }],
  });
  await em.flush();
}, 60_000);
afterAll(async () => {
  await hands.close();
  await world.close();
});
beforeEach(() => world.mend());

const step = { step: 'test', phase: 'do' as const };

/** The customer, who is in Germany, has this number from now on. */
const numbered = (vatId: string) =>
  world.em().nativeUpdate(Customer, { id: world.customerId }, { vatId, vatStatus: 'unchecked', vatSince: new Date() });
const listed = (pricesIncludeTax: boolean) =>
  world.em().nativeUpdate(Tenant, { id: world.tenantId }, { pricesIncludeTax });

async function order(quantity = 1) {
  const items = [{ productId: product.id, billingCycle: 'monthly' as const, quantity }];
  const { customerId } = world;
  return placeOrder(scene.ctx('orders.create'), { customerId, items });
}

async function pay(placed: { order: Order; invoice: Invoice }) {
  const session = await scene.page(placed.invoice);
  await world.running('stripe').acts?.pay?.({ session });
  const job = jobInput(await world.em().findOneOrFail(Job, { orderId: placed.order.id, type: 'order_fulfil' }));
  await hands.activities.settlePayments({ ...job, ...step });
  return job;
}

const ref = () => {
  const { tenantId, customerId } = world;
  return {
    ...step,
    jobId: newId(),
    type: 'vat_check' as const,
    tenantId,
    customerId,
    orderId: null,
    targetId: customerId,
  };
};
const kept = (invoiceId: string) => {
  const { charges } = world.running('stripe').state() as {
    charges: { amount: number; amount_refunded: number; metadata: { invoiceId?: string } }[];
  };
  const of = charges.filter(({ metadata }) => metadata.invoiceId === invoiceId);
  return of.reduce((total, charge) => total + charge.amount - charge.amount_refunded, 0);
};

test('VIES down: tax is charged, the number asked about again, and the tax given back', async () => {
  await numbered('DE123456789');
  const placed = await order(2);
  const down = { match: 'check-vat-number', phase: 'switch' as const, times: null };
  world.self('vies').faults.add({ ...down, action: { kind: 'switch', name: 'ms-unavailable' } });
  await expect(hands.activities.checkVatNumber(ref())).rejects.toThrow('VIES does not answer (MS_UNAVAILABLE)');
  const job = await pay(placed);
  expect(kept(placed.invoice.id)).toBe(2880);

  world.mend();
  await hands.activities.checkVatNumber(ref());
  for (let again = 0; again < 2; again++) await hands.activities.creditTax(ref());
  expect(kept(placed.invoice.id)).toBe(2400);
  const em = world.em();
  expect(await em.findOneOrFail(Invoice, { id: placed.invoice.id })).toMatchObject({
    taxCredited: 480,
    reverseCharge: true,
  });
  expect(await em.findOneOrFail(VatCheck, { customerId: world.customerId })).toMatchObject({
    vatId: 'DE123456789',
    valid: true,
    consultation: expect.stringMatching(/^WAPI/),
  });
  await hands.activities.refundItem({ ...job, ...step, targetId: placed.items[0]!.id });
  expect(kept(placed.invoice.id)).toBe(1200);
});

test('once it is found valid no tax is charged, nor that which a price includes', async () => {
  expect((await order()).invoice).toMatchObject({ reverseCharge: true, subtotal: 1200, tax: 0, total: 1200 });
  await listed(true);
  expect((await order()).invoice).toMatchObject({ reverseCharge: true, subtotal: 1000, tax: 0, total: 1000 });
  await listed(false);
});

test('written before the answer and paid after it: the job looks once more', async () => {
  await numbered('DE223456789');
  const placed = await order();
  await hands.activities.checkVatNumber(ref());
  const before = await world.em().count(Job, { type: 'vat_check' });
  await pay(placed);
  expect(await world.em().count(Job, { type: 'vat_check' })).toBe(before + 1);
  await hands.activities.creditTax(ref());
  expect(kept(placed.invoice.id)).toBe(1200);
});

test.each([
  ['that VIES does not know', 'DE123456000'],
  ['of another country than the customer is in', 'ATU12345678'],
])('a number %s: tax is charged', async (_, vatId) => {
  await numbered(vatId);
  await hands.activities.checkVatNumber(ref());
  expect((await order()).invoice).toMatchObject({ reverseCharge: false, tax: 240, total: 1440 });
});
