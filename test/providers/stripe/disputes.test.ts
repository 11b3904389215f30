import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPayments } from '../../../providers/stripe/client.ts';
import type { ChargeView, Payments } from '../../../providers/stripe/port.ts';
import { openShop, pay, type Shop } from '../../sandbox/stripe/shop.ts';

let shop: Shop;
let payments: Payments;
beforeAll(async () => {
  shop = await openShop({ rude: false });
  payments = createPayments({
    apiUrl: shop.env.STRIPE_API_URL,
    secretKey: shop.env.STRIPE_SECRET_KEY ?? '',
    timeoutMs: 5_000,
  });
});
afterAll(() => shop.close());

const chargeOf = async (intent: string) =>
  (await shop.state()).charges.find(({ payment_intent }) => payment_intent === intent)!;
const dispute = async (intent: string) => shop.act('dispute', { charge: (await chargeOf(intent)).id });
const refund = (paymentIntent: string, key: string) =>
  payments.refund({ key, paymentIntent, amount: 400, currency: 'eur', reason: 'out of stock' });

test('a disputed charge reads as disputed, and what is sent back of it is refused', async () => {
  const { intent } = await pay(shop);
  expect(await payments.chargeOf(intent)).toMatchObject({ disputed: false });
  await dispute(intent);
  expect(await payments.chargeOf(intent)).toMatchObject({ amount: 1250, disputed: true });
  await expect(refund(intent, 'late')).rejects.toMatchObject({ kind: 'refused', code: 'charge_disputed' });
  expect(await payments.refunds(intent)).toEqual([]);
});

test('one disputed after its refund is told with its refund, and the same refund is not sent again', async () => {
  const { intent } = await pay(shop);
  const sent = await refund(intent, 'first');
  await dispute(intent);
  expect(await payments.chargeOf(intent)).toMatchObject({ disputed: true });
  expect(await refund(intent, 'first')).toEqual(sent);
  await expect(refund(intent, 'second')).rejects.toMatchObject({ kind: 'refused', code: 'charge_disputed' });
  expect(await payments.refunds(intent)).toEqual([sent]);
});

test('a look at what is new shows a dispute of now about a charge of long ago', async () => {
  const { intent } = await pay(shop);
  const { id, ...charge } = await chargeOf(intent);
  shop.self.store.collection('stripe.charges').set(id, { ...charge, id, created: charge.created - 90 * 86_400 });
  await dispute(intent);
  const seen: ChargeView[] = [];
  for await (const view of payments.charges(new Date(Date.now() - 3_600_000))) seen.push(view);
  expect(seen.filter(({ paymentIntent }) => paymentIntent === intent)).toMatchObject([{ disputed: true }]);
});
