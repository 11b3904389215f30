import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createActivities } from '../../activities/index.ts';
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
const HOUR = 1 / 24;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS);

/** The customer's number was found valid so many days ago, and given the day before. The clock of VIES is behind. */
async function valid(vatId: string, days: number): Promise<void> {
  const { customerId } = world;
  await world.em().nativeUpdate(Customer, { id: customerId }, { vatId, vatStatus: 'valid', vatSince: ago(days + 1) });
  await found(vatId, days);
}
async function found(vatId: string, days: number): Promise<void> {
  const { tenantId, customerId } = world;
  await world.em().insert(VatCheck, {
    ...{ id: newId(), tenantId, customerId, vatId, valid: true, consultation: null },
    ...{ askedAt: ago(days + 2 * HOUR), createdAt: ago(days) },
  });
}

const checks = (vatId: string) => world.em().count(VatCheck, { vatId });
const status = async () => (await world.em().findOneOrFail(Customer, { id: world.customerId })).vatStatus;
const jobs = () => world.em().find(Job, { type: 'vat_check' }, { orderBy: { id: 'asc' } });
const invoiced = async () => {
  const items = [{ productId: product.id, billingCycle: 'monthly' as const, quantity: 1 }];
  return (await placeOrder(scene.ctx('orders.create'), { customerId: world.customerId, items })).invoice;
};
/** Id of an invoice with tax that was written and paid so many days ago. */
async function taxed(days: number): Promise<string> {
  const { id } = await invoiced();
  const em = world.em();
  await em.nativeUpdate(Invoice, { id }, { status: 'paid', tax: 240, total: 1440, createdAt: ago(days) });
  await em.insert(Payment, {
    ...{ id: newId(), tenantId: world.tenantId, invoiceId: id, provider: 'offline', reference: newId() },
    ...{ amount: 1440, currency: 'EUR' },
  });
  return id;
}
/** What was given back of its tax. */
const credited = async (id: string) => (await world.em().findOneOrFail(Invoice, { id })).taxCredited;
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
  const [before, after] = [await taxed(60 + HOUR), await taxed(60 - HOUR)];
  await hands.activities.beginSweeps();
  await hands.activities.checkVatNumber(await ref());
  await hands.activities.creditTax(await ref());
  expect([await credited(before), await credited(after)]).toEqual([240, 0]);
  await ended(2);
});

test('a number that was given anew: what VIES said before it was is no answer', async () => {
  await valid('DE263456789', 57);
  await world.em().nativeUpdate(Customer, { id: world.customerId }, { vatSince: ago(60) });
  await found('DE263456789', 60 + HOUR);
  const between = await taxed(58);
  await hands.activities.beginSweeps();
  await hands.activities.creditTax(await ref());
  expect(await credited(between)).toBe(240);
  await ended(2);
});

test('one that came to nothing: nobody is asked again for a day', async () => {
  await valid('DE293456789', 31);
  await hands.activities.beginSweeps();
  const begun = (await jobs()).length;
  await ended(0.9);
  await hands.activities.beginSweeps();
  expect(await jobs()).toHaveLength(begun);
  await ended(1.1);
  await hands.activities.beginSweeps();
  expect(await jobs()).toHaveLength(begun + 1);
  await ended(2);
});

test('VIES switched off: nobody is asked', async () => {
  await valid('DE303456789', 31);
  const begun = (await jobs()).length;
  const config = { ...hands.deps.config, PROVIDERS_OFF: ['vies'] };
  await createActivities({ ...hands.deps, config }).beginSweeps();
  expect(await jobs()).toHaveLength(begun);
  await hands.activities.beginSweeps();
  expect(await jobs()).toHaveLength(begun + 1);
  await ended(2);
});

test('many at once: 50 are under way at a time, however many sweeps there are', async () => {
  const { tenantId } = world;
  const live = () => world.em().count(Job, { type: 'vat_check', status: 'pending' });
  const [vatSince, vatStatus] = [ago(90), 'valid' as const];
  const many = Array.from({ length: 60 }, (_, n) => ({
    ...{ id: newId(), tenantId, name: `${n}`, email: `${n}@customers.test` },
    ...{ vatId: `DE1000000${n + 10}`, vatStatus, vatSince },
  }));
  await world.em().insertMany(Customer, many);
  for (let again = 0; again < 2; again++) await hands.activities.beginSweeps();
  expect(await live()).toBe(50);
  await ended(0);
  await hands.activities.beginSweeps();
  expect(await live()).toBe(50);
  await world.em().nativeUpdate(Customer, { email: { $in: many.map(({ email }) => email) } }, { vatStatus: null });
  await world.em().nativeUpdate(Job, { type: 'vat_check' }, { status: 'completed', createdAt: ago(2) });
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
