import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openShop, order, pay, refusalOf, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const refund = (payment_intent: string, amount?: number) =>
  shop.stripe.refunds.create({ payment_intent, ...(amount ? { amount } : {}), metadata: { key: 'k' } });
const chargeOf = async (payment_intent: string) => (await shop.stripe.charges.list({ payment_intent })).data[0];

test('in parts, until nothing is left', async () => {
  const { intent } = await pay(shop);
  const part = await refund(intent, 250);
  expect(part).toMatchObject({ amount: 250, status: 'succeeded', payment_intent: intent, metadata: { key: 'k' } });
  expect(await chargeOf(intent)).toMatchObject({ amount_refunded: 250, refunded: false });
  expect((await refusalOf(refund(intent, 1001))).message).toBe(
    'Refund amount (€10.01) is greater than unrefunded amount on charge (€10.00)',
  );
  const rest = await refund(intent);
  expect(rest.amount).toBe(1000);
  expect(await chargeOf(intent)).toMatchObject({ amount_refunded: 1250, refunded: true });
  expect(await refusalOf(refund(intent))).toMatchObject({ code: 'charge_already_refunded' });
  const { data } = await shop.stripe.refunds.list({ payment_intent: intent });
  expect(data.map(({ id }) => id)).toEqual([rest.id, part.id]);
  expect(await shop.stripe.refunds.retrieve(part.id)).toEqual(part);
});

test('more than the charge, nothing paid, no such payment', async () => {
  const { intent } = await pay(shop);
  expect((await refusalOf(refund(intent, 2000))).message).toBe(
    'Refund amount (€20.00) is greater than charge amount (€12.50)',
  );
  const { id } = await shop.stripe.checkout.sessions.create(order());
  await shop.act('decline', { session: id });
  const { payment_intent } = await shop.stripe.checkout.sessions.retrieve(id);
  expect((await refusalOf(refund(payment_intent as string))).message).toContain('does not have a successful charge');
  expect(await refusalOf(refund('pi_gone'))).toMatchObject({ code: 'resource_missing', param: 'payment_intent' });
});

test('a refund that fails later gives the charge its money back', async () => {
  const { intent } = await pay(shop);
  shop.turnOn('refund-fails-later', intent);
  const { id, status } = await refund(intent);
  expect(status).toBe('succeeded');
  await shop.receiver.until((all) => all.some(({ event }) => event?.type === 'refund.failed'));
  expect(await shop.stripe.refunds.retrieve(id)).toMatchObject({
    status: 'failed',
    failure_reason: 'expired_or_canceled_card',
  });
  expect(await chargeOf(intent)).toMatchObject({ amount_refunded: 0, refunded: false });
});

test('a disputed charge cannot be refunded', async () => {
  const { intent } = await pay(shop);
  const charge = await chargeOf(intent);
  await shop.act('dispute', { charge: charge?.id });
  expect(await refusalOf(refund(intent))).toMatchObject({ code: 'charge_disputed' });
  await shop.receiver.until((all) => all.some(({ event }) => event?.type === 'charge.dispute.created'));
});
