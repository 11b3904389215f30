import { AppError } from '../../../core/app-error.ts';
import { CheckoutSession } from '../../../db/entities/index.ts';
import { lockInvoice } from '../../../db/queries/invoices.ts';
import { openCheckout } from '../../../db/queries/payments.ts';
import { newId } from '../../../runtime/ids.ts';
import { ASKS, type CheckoutAnswer, type CheckoutQuestion } from '../../../workflows/catalog.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { askWorker } from '../ask.ts';
import { change } from '../change.ts';

export interface SessionWish {
  invoiceId: string;
  successUrl: string;
  cancelUrl: string;
}

// Stripe takes 30 minutes to 24 hours. A page about to close is not handed out again.
const LIFETIME_MS = 23 * 3600_000;
const NEARLY_OVER_MS = 5 * 60_000;

/**
 * A checkout page for an unpaid invoice. The row is written before a worker asks Stripe, so that its id makes the
 * idempotency key; while the page is open, the same one is answered again.
 */
export async function openSession(
  ctx: Context,
  wish: SessionWish,
): Promise<{ sessionId: string; checkoutUrl: string }> {
  const session = await change(ctx, (tx) => prepare(ctx, tx, wish));
  if (session.stripeId && session.url) return { sessionId: session.stripeId, checkoutUrl: session.url };
  const question: CheckoutQuestion = { tenantId: session.tenantId, sessionId: session.id };
  const answer = await askWorker<CheckoutAnswer>(ctx, ASKS.checkout, `checkout/${session.id}`, question);
  if ('unpayable' in answer) throw unpayable(answer.unpayable);
  return { sessionId: answer.stripeId, checkoutUrl: answer.url };
}

function unpayable(reason: 'too_small' | 'too_large'): AppError {
  const words = { too_small: 'less', too_large: 'more' }[reason];
  return new AppError('AMOUNT_UNPAYABLE', `This is ${words} than can be paid by card in this currency.`, { reason });
}

async function prepare(
  ctx: Context,
  { em, audit }: Parameters<Parameters<typeof change>[1]>[0],
  { invoiceId, successUrl, cancelUrl }: SessionWish,
): Promise<CheckoutSession> {
  const invoice = seen(ctx, await lockInvoice(em, ctx.scope, invoiceId));
  if (invoice.status !== 'unpaid') throw new AppError('WRONG_STATE', `This invoice is ${invoice.status}.`);
  if (invoice.total === 0) throw new AppError('WRONG_STATE', 'There is nothing to pay.');
  const open = await openCheckout(em, invoiceId, new Date(Date.now() + NEARLY_OVER_MS));
  if (open) return open;
  const session = em.create(CheckoutSession, {
    id: newId(),
    tenantId: invoice.tenantId,
    invoiceId,
    successUrl,
    cancelUrl,
    expiresAt: new Date(Date.now() + LIFETIME_MS),
  });
  audit('payment.session_opened', session.id, { invoiceId });
  return session;
}
