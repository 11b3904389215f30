import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { placeOrder } from '../../api/usecases/orders/place.ts';
import {
  Customer,
  Invoice,
  Job,
  Payment,
  Product,
  SystemEvent,
  TaxRate,
  Tenant,
  VatCheck,
} from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { type Scene, sceneOf } from '../laws/support/scene.ts';
import { type Hands, openWorld, type World } from '../laws/support/world.ts';

// A number that VIES called valid, and what becomes of it with time.

let world: World;
let hands: Hands;
let scene: Scene;
let product: Product;
beforeAll(async () => {
  world = await openWorld();
  hands = world.hands(false);
  scene = sceneOf(world, hands);
  const em = world.em();
  const { tenantId } = world;
  await em.nativeUpdate(Tenant, { id: tenantId }, { country: 'FR', vatId: 'FR12345678901' });
  const rate = { country: 'FR', category: 'standard' as const, rate: 200_000, validFrom: '2020-01-01' };
  await em.insert(TaxRate, { id: newId(), tenantId, ...rate });
  product = em.create(Product, {
    ...{ id: newId(), tenantId, name: 'Pod', type: 'cloudpod', sku: 'AGED-POD' },
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

const DAY_MS = 24 * 3600_000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS);

/** The customer's number was found valid so many days ago, and given the day before. */
async function valid(vatId: string, days: number): Promise<void> {
  const { tenantId, customerId } = world;
  const em = world.em();
  await em.nativeUpdate(Customer, { id: customerId }, { vatId, vatStatus: 'valid', vatSince: ago(days + 1) });
  await em.insert(VatCheck, {
    ...{ id: newId(), tenantId, customerId, vatId, valid: true, consultation: null },
    askedAt: ago(days),
  });
}

const checks = (vatId: string) => world.em().count(VatCheck, { vatId });
const status = async () => (await world.em().findOneOrFail(Customer, { id: world.customerId })).vatStatus;
const jobs = () => world.em().find(Job, { type: 'vat_check' }, { orderBy: { id: 'asc' } });
const invoiced = async () => {
  const items = [{ productId: product.id, billingCycle: 'monthly' as const, quantity: 1 }];
  return (await placeOrder(scene.ctx('orders.create'), { customerId: world.customerId, items })).invoice;
};
/** What the newest job does. */
async function ref() {
  const job = (await jobs()).at(-1);
  if (!job) throw new Error('nobody asks');
  return { ...scene.input(job), step: 'test', phase: 'do' as const };
}
/** As if the newest job had ended, some days ago. */
const ended = async (days: number) =>
  world.em().nativeUpdate(Job, { id: (await ref()).jobId }, { status: 'completed', createdAt: ago(days) });

test('it is asked about again once the answer is 30 days old, by one job, and the answer is proof', async () => {
  await valid('DE123456789', 29);
  await hands.activities.beginSweeps();
  expect(await jobs()).toEqual([]);
  await world.em().nativeUpdate(VatCheck, {}, { askedAt: ago(31) });
  for (let again = 0; again < 2; again++) await hands.activities.beginSweeps();
  expect(await jobs()).toMatchObject([{ targetId: world.customerId, customerId: world.customerId }]);
  for (let again = 0; again < 2; again++) await hands.activities.checkVatNumber(await ref());
  expect([await checks('DE123456789'), await status()]).toEqual([2, 'valid']);
  await ended(2);
  await hands.activities.beginSweeps();
  expect(await jobs()).toHaveLength(1);
});

test('tax that was owed after the first answer is not given back by a later one', async () => {
  await valid('DE223456789', 60);
  const invoice = await invoiced();
  const em = world.em();
  await em.nativeUpdate(Invoice, { id: invoice.id }, { status: 'paid', tax: 240, total: 1440, createdAt: ago(45) });
  await em.insert(Payment, {
    ...{ id: newId(), tenantId: world.tenantId, invoiceId: invoice.id, provider: 'offline', reference: newId() },
    ...{ amount: 1440, currency: 'EUR' },
  });
  await hands.activities.beginSweeps();
  await hands.activities.checkVatNumber(await ref());
  await hands.activities.creditTax(await ref());
  expect((await world.em().findOneOrFail(Invoice, { id: invoice.id })).taxCredited).toBe(0);
  await ended(2);
});

test('VIES away: what it said before holds, and it is asked again', async () => {
  await valid('DE323456789', 31);
  await hands.activities.beginSweeps();
  const down = { match: 'check-vat-number', phase: 'switch' as const, times: null };
  world.self('vies').faults.add({ ...down, action: { kind: 'switch', name: 'ms-unavailable' } });
  await expect(hands.activities.checkVatNumber(await ref())).rejects.toThrow('what it said before holds until it does');
  expect(await invoiced()).toMatchObject({ reverseCharge: true, tax: 0 });
  world.mend();
  await hands.activities.checkVatNumber(await ref());
  expect([await checks('DE323456789'), await status()]).toEqual([2, 'valid']);
  await ended(2);
});

test('one that has ended: tax from the next invoice on, operators are told once, and it is not asked about again', async () => {
  await valid('DE423456000', 31);
  const before = await invoiced();
  await hands.activities.beginSweeps();
  for (let again = 0; again < 2; again++) {
    await hands.activities.checkVatNumber(await ref());
    await hands.activities.creditTax(await ref());
  }
  expect(await status()).toBe('invalid');
  expect(await invoiced()).toMatchObject({ reverseCharge: false, tax: 240, total: 1440 });
  expect(await world.em().findOneOrFail(Invoice, { id: before.id })).toMatchObject({ reverseCharge: true, tax: 0 });
  const told = await world.em().find(SystemEvent, { type: 'customer.vat_ended' });
  expect(told).toMatchObject([
    { level: 'warning', tenantId: world.tenantId, data: { customerId: world.customerId, vatId: 'DE423456000' } },
  ]);
  await ended(2);
  const asked = (await jobs()).length;
  await world.em().nativeUpdate(VatCheck, {}, { askedAt: ago(90) });
  await hands.activities.beginSweeps();
  expect(await jobs()).toHaveLength(asked);
});
