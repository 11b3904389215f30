import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Deps } from '../../activities/deps.ts';
import { refunds } from '../../activities/refunds.ts';
import { openAsOwner } from '../../db/config.ts';
import { Customer, Invoice, Payment, Refund, Tenant } from '../../db/entities/index.ts';
import { createPayments } from '../../providers/stripe/client.ts';
import { newId } from '../../runtime/ids.ts';
import { start } from '../../sandbox/stripe/index.ts';
import { freshDatabase } from '../support/postgres.ts';
import { startStandIn } from '../support/sandbox.ts';

let stripe: Awaited<ReturnType<typeof startStandIn>>;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
beforeAll(async () => {
  [stripe, database] = await Promise.all([startStandIn('stripe', start), freshDatabase()]);
  orm = await openAsOwner({ url: database.url, pool: 4 });
});
afterAll(async () => {
  await orm.close(true);
  await Promise.all([stripe.close(), database.drop()]);
});

/** A paid invoice of 9.99 at the stand-in and in our rows, with the whole of it to go back. */
async function paidInvoice() {
  const payments = createPayments({
    apiUrl: stripe.env.STRIPE_API_URL,
    secretKey: stripe.env.STRIPE_SECRET_KEY ?? '',
    timeoutMs: 5_000,
  });
  const [tenantId, customerId, invoiceId, paymentId, refundId] = [newId(), newId(), newId(), newId(), newId()];
  const checkout = await payments.createCheckout({
    ...{ key: invoiceId, invoiceId, orderId: newId(), tenantId, currency: 'usd', customerEmail: 'ann@example.com' },
    lines: [{ description: 'CloudPod', unitAmount: 999, quantity: 1 }],
    ...{
      successUrl: 'http://127.0.0.1/ok',
      cancelUrl: 'http://127.0.0.1/no',
      expiresAt: new Date(Date.now() + 3_600_000),
    },
  });
  await stripe.running.acts?.pay?.({ session: checkout.id });
  const { paymentIntent } = (await payments.readCheckout(checkout.id))!;
  const em = orm.em.fork();
  await em.insert(Tenant, { id: tenantId, name: 'host' });
  await em.insert(Customer, { id: customerId, tenantId, name: 'Ann', email: `${customerId}@example.com` });
  await em.insert(Invoice, {
    id: invoiceId,
    tenantId,
    customerId,
    status: 'paid',
    currency: 'USD',
    subtotal: 999,
    tax: 0,
    total: 999,
  });
  await em.insert(Payment, {
    id: paymentId,
    tenantId,
    invoiceId,
    provider: 'stripe',
    reference: paymentIntent ?? '',
    amount: 999,
    currency: 'USD',
  });
  await em.insert(Refund, {
    id: refundId,
    tenantId,
    paymentId,
    key: `item/${refundId}`,
    amount: 999,
    reason: 'could not be delivered',
  });
  const deps = { em: () => orm.em.fork(), payments, config: { RETRY_SCALE: 0.01 } } as unknown as Deps;
  const invoice = () => orm.em.fork().findOneOrFail(Invoice, { id: invoiceId });
  const atStripe = async () => (await payments.refunds(paymentIntent ?? '')).map(({ status }) => status).sort();
  return { ...refunds(deps), invoiceId, invoice, atStripe };
}

test('money goes back once, however often it is sent', async () => {
  const shop = await paidInvoice();
  await shop.sendRefunds(shop.invoiceId);
  await shop.sendRefunds(shop.invoiceId);
  expect(await shop.atStripe()).toEqual(['succeeded']);
  expect(await shop.invoice()).toMatchObject({ status: 'refunded', amountRefunded: 999 });
});

test('a refund that fails later is not back: it is uncounted and goes out again', async () => {
  const shop = await paidInvoice();
  await shop.sendRefunds(shop.invoiceId);
  const refund = ((await stripe.running.state()) as { refunds: { id: string }[] }).refunds.at(-1);
  await stripe.running.acts?.['refund-fail']?.({ refund: refund?.id });
  await shop.recheckRefunds(shop.invoiceId);
  expect(await shop.invoice()).toMatchObject({ status: 'paid', amountRefunded: 0 });
  await shop.sendRefunds(shop.invoiceId);
  expect(await shop.atStripe()).toEqual(['failed', 'succeeded']);
  expect(await shop.invoice()).toMatchObject({ status: 'refunded', amountRefunded: 999 });
});
