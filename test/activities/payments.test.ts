import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CheckoutSession, InvoiceLine } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import type { CheckoutPage } from '../../workflows/catalog.ts';
import { type Scene, sceneOf } from '../laws/support/scene.ts';
import { type Hands, openWorld, type World } from '../laws/support/world.ts';

let world: World;
let hands: Hands;
let scene: Scene;
beforeAll(async () => {
  world = await openWorld();
  hands = world.hands(false);
  scene = sceneOf(world, hands);
}, 60_000);
afterAll(async () => {
  await hands.close();
  await world.close();
});

const PAGES = { successUrl: 'http://127.0.0.1/thanks', cancelUrl: 'http://127.0.0.1/back' };

/** An order that waits for its money, with pages on which it can be paid. */
async function ordered() {
  const { invoice, orderJob } = await scene.order('DOMAIN', { domain: `${newId()}.example` });

  async function wish(): Promise<string> {
    const id = newId();
    const expiresAt = new Date(Date.now() + 3_600_000);
    const row = { id, tenantId: invoice.tenantId, invoiceId: invoice.id, expiresAt, ...PAGES };
    await world.em().insert(CheckoutSession, row);
    return id;
  }
  return {
    wish,
    tenantId: invoice.tenantId,
    invoiceId: invoice.id,
    page: async () => {
      const question = { tenantId: invoice.tenantId, sessionId: await wish() };
      return ((await hands.activities.askCheckout(question)) as CheckoutPage).stripeId;
    },
    settle: () => hands.activities.settlePayments({ ...orderJob, step: 'settle payments', phase: 'do' }),
  };
}

const pay = (session: string) => world.running('stripe').acts?.pay?.({ session });

/** How sessions stand at Stripe, and what was charged and sent back for them. */
function atStripe(sessions: string[]) {
  const state = world.running('stripe').state() as {
    sessions: { id: string; status: string; payment_intent: string | null }[];
    charges: { payment_intent: string; amount: number; amount_refunded: number }[];
  };
  const mine = sessions.map((id) => state.sessions.find((session) => session.id === id)!);
  const intents = mine.map((session) => session.payment_intent);
  return {
    statuses: mine.map(({ status }) => status),
    money: state.charges
      .filter((charge) => intents.includes(charge.payment_intent))
      .map(({ amount, amount_refunded }) => amount - amount_refunded),
  };
}

test('paid on one page: the others are closed, so that nobody pays again', async () => {
  const order = await ordered();
  const pages = [await order.page(), await order.page(), await order.page()];
  await pay(pages[1]!);
  expect(await order.settle()).toBe(true);
  expect(atStripe(pages)).toEqual({ statuses: ['expired', 'complete', 'expired'], money: [999] });
});

test('one page stays open as long as nothing is paid', async () => {
  const order = await ordered();
  const page = await order.page();
  expect(await order.settle()).toBe(false);
  expect(atStripe([page]).statuses).toEqual(['open']);
});

test('a page paid while it was about to be closed: its money goes back', async () => {
  const order = await ordered();
  const pages = [await order.page(), await order.page()];
  await pay(pages[0]!);
  // Paid between our looking at it and our closing it: the answer to the looking is older than the payment.
  const asked = hands.deps.payments.expireCheckout;
  hands.deps.payments.expireCheckout = async (id) => {
    await pay(id);
    return asked(id);
  };
  expect(await order.settle()).toBe(true);
  hands.deps.payments.expireCheckout = asked;
  expect(atStripe(pages)).toEqual({ statuses: ['complete', 'complete'], money: [999, 0] });
});

test('a page that was asked for before the payment and made after it is closed at once', async () => {
  const order = await ordered();
  const [late, page] = [await order.wish(), await order.page()];
  const make = hands.deps.payments.createCheckout;
  let made = '';
  hands.deps.payments.createCheckout = async (request) => {
    await pay(page);
    expect(await order.settle()).toBe(true);
    const view = await make(request);
    made = view.id;
    return view;
  };
  await expect(hands.activities.askCheckout({ tenantId: order.tenantId, sessionId: late })).rejects.toThrow(
    'the invoice is paid',
  );
  hands.deps.payments.createCheckout = make;
  expect(atStripe([page, made])).toEqual({ statuses: ['complete', 'expired'], money: [999] });
});

test.each([
  [49, 'too_small'],
  [100_000_000, 'too_large'],
])('an amount of %s cents has no page: it is %s for a card, and stands as that', async (total, reason) => {
  const { invoiceId, tenantId, wish } = await ordered();
  await world.em().nativeUpdate(InvoiceLine, { invoiceId }, { unitPrice: total, total });
  expect(await hands.activities.askCheckout({ tenantId, sessionId: await wish() })).toEqual({ unpayable: reason });
});
