import { expect } from '@jest/globals';
import { AuditEvent, CheckoutSession, Invoice } from '../../db/entities/index.ts';
import { openCheckout } from '../../db/queries/payments.ts';
import { newId } from '../../runtime/ids.ts';
import type { CheckoutPage } from '../../workflows/catalog.ts';
import { play } from '../laws/support/laws.ts';
import type { Scene } from '../laws/support/scene.ts';
import type { World } from '../laws/support/world.ts';
import { until } from '../support/until.ts';
import { cut, FOR_LONG, faults, on, stageOf } from './support/trial.ts';

const refund = stageOf('invoice_refund');
const REFUNDS = '^POST /v1/refunds';

interface State {
  charges: { id: string; amount: number }[];
  refunds: { status: string }[];
  disputes: unknown[];
}
const state = (world: World) => world.running('stripe').state() as State;

/** An order whose checkout page is open. */
async function checkout({ order, world, hands }: Scene) {
  const { invoice, orderJob } = await order('DOMAIN', { domain: 'law.example' });
  const page = async () => {
    const id = newId();
    const pages = { successUrl: 'http://127.0.0.1/thanks', cancelUrl: 'http://127.0.0.1/back' };
    const row = { id, tenantId: invoice.tenantId, invoiceId: invoice.id, expiresAt: new Date(Date.now() + 3_600_000) };
    await world.em().insert(CheckoutSession, { ...row, ...pages });
    return ((await hands.activities.askCheckout({ tenantId: invoice.tenantId, sessionId: id })) as CheckoutPage)
      .stripeId;
  };
  return {
    page,
    invoice: () => world.em().findOneOrFail(Invoice, { id: invoice.id }),
    settle: () => hands.activities.settlePayments({ ...orderJob, step: 'settle payments', phase: 'do' }),
    pay: async (session: string) => world.running('stripe').acts!.pay!({ session }),
    /** The page a customer who comes back is sent to. */
    handedOut: () => openCheckout(world.em(), invoice.id, new Date()),
  };
}

faults('stripe', {
  'refund-answer-lost': { stage: refund, at: 'refund', strike: cut('stripe', REFUNDS, 'after'), end: 'delivered' },
  'refund-500-after': {
    stage: refund,
    at: 'refund',
    strike: on('stripe', REFUNDS, 'api-error', { data: 'after' }),
    end: 'delivered',
  },
  'refund-500-before': {
    stage: refund,
    at: 'refund',
    strike: on('stripe', REFUNDS, 'api-error', { data: 'before', times: 2 }),
    end: 'delivered',
  },
  'refund-fails-later': {
    stage: refund,
    at: 'refund',
    strike: on('stripe', 'refund ', 'refund-fails-later', { data: { ms: 1 } }),
    end: 'delivered',
    but: /stripe refund|row invoice|money kept|audit payment/,
    async also(world) {
      await until('it has failed', async () => state(world).refunds.some(({ status }) => status === 'failed'));
      const hands = world.hands(false);
      const [order] = await world.rows<{ id: string; tenant_id: string }>('select id, tenant_id from orders');
      const { id: targetId, tenant_id: tenantId } = order!;
      const ref = {
        jobId: newId(),
        tenantId,
        targetId,
        customerId: null,
        orderId: targetId,
        type: 'payment_settle' as const,
      };
      await hands.activities.settlePayments({ ...ref, step: 'settle payments', phase: 'do' });
      await hands.close();
      expect(
        state(world)
          .refunds.map(({ status }) => status)
          .sort(),
      ).toEqual(['failed', 'succeeded']);
    },
  },
  /** Its money is the card holder's by now: somebody has to say that none of ours goes back as well. */
  disputed: async ({ world }) => {
    const run = await play(world, refund, () => ({
      enter(step) {
        if (step === 'refund' && state(world).disputes.length === 0)
          world.running('stripe').acts!.dispute!({ charge: state(world).charges[0]!.id });
      },
      decide: () => ({ kind: 'skip' as const, reason: 'taken back by the card holder' }),
    }));
    expect(run.blocks.map(({ step }) => step)).toEqual(['refund']);
    expect(run.blocks[0]?.failure.reason).toMatch(/charged back/);
    expect([run.outcome, state(world).refunds]).toEqual(['completed', []]);
  },
  /** The card holder may get it twice: nothing of ours sends it again, and operators have it on their list. */
  'disputed-after-refund': async ({ world, hands }) => {
    const run = await play(world, refund);
    expect(run.outcome).toBe('completed');
    const before = await world.rows('select status, amount_refunded from invoice');
    const [sent] = state(world).refunds;
    world.running('stripe').acts!.dispute!({ charge: state(world).charges[0]!.id });
    const [{ id: targetId }] = (await world.rows('select id from invoice')) as [{ id: string }];
    const { tenantId } = world;
    const ref = {
      jobId: newId(),
      tenantId,
      targetId,
      customerId: null,
      orderId: null,
      type: 'invoice_refund' as const,
    };
    await hands.activities.refundInvoice({ ...ref, step: 'refund', phase: 'do' });
    expect(state(world).refunds).toEqual([sent]);
    expect(await world.rows('select status, amount_refunded from invoice')).toEqual(before);
    await hands.activities.lookForDrift('stripe');
    expect(await world.rows('select kind, state from drift_finding')).toEqual([
      { kind: 'charge_disputed', state: 'open' },
    ]);
  },
  'stripe-down': {
    stage: refund,
    at: 'refund',
    strike: cut('stripe', '.', 'before', FOR_LONG),
    end: 'blocked',
    reason: /./,
  },
  'debit-fails': async (scene) => {
    const { world } = scene;
    const { page, pay, settle, invoice, handedOut } = await checkout(scene);
    const first = await page();
    on('stripe', 'pay ', 'payment-processing', { data: { outcome: 'failed', ms: 1 } })(world);
    await pay(first);
    expect(await settle()).toBe(false);
    expect(await handedOut()).toBeNull();
    const second = await page();
    await pay(second);
    expect(await settle()).toBe(true);
    expect(await invoice()).toMatchObject({ status: 'paid', amountRefunded: 0 });
    expect(state(world).refunds).toEqual([]);
  },
  'debit-comes-late': async (scene) => {
    const { page, pay, settle, invoice, handedOut } = await checkout(scene);
    on('stripe', 'pay ', 'payment-processing', { data: { outcome: 'paid', ms: 200 } })(scene.world);
    await pay(await page());
    expect(await settle()).toBe(false);
    expect(await handedOut()).toBeNull();
    await until('the money is there', settle);
    expect(await invoice()).toMatchObject({ status: 'paid' });
    expect(state(scene.world).charges).toHaveLength(1);
  },
  'settled-at-once': async (scene) => {
    const { page, pay, settle, invoice } = await checkout(scene);
    await pay(await page());
    scene.world
      .self('stripe')
      .faults.add({ match: '^GET ', phase: 'after', action: { kind: 'delay', ms: 20 }, times: 50 });
    const answers = await Promise.all(Array.from({ length: 50 }, settle));
    expect(answers.filter((paid) => !paid)).toEqual([]);
    const { id } = await invoice();
    expect(await scene.world.em().count(AuditEvent, { action: 'invoice.paid', resourceId: id })).toBe(1);
    expect(await scene.world.rows(`select amount, surplus from payment where invoice_id = '${id}'`)).toHaveLength(1);
    expect(state(scene.world).refunds).toEqual([]);
  },
});
