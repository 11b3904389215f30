import { z } from 'zod';
import type { DriftKind } from '../../core/drift.ts';
import { ProviderError, Refused } from '../../core/errors.ts';
import { Invoice, Job, Payment, Refund } from '../../db/entities/index.ts';
import { all, first } from '../../db/queries/entity.ts';
import { lastCheck } from '../../db/queries/findings.ts';
import { enqueueSignal } from '../../db/queries/outbox.ts';
import type { ChargeView, PastRefundView } from '../../providers/stripe/port.ts';
import { SIGNALS } from '../../workflows/catalog.ts';
import type { AskActivities } from '../../workflows/contract.ts';
import type { Deps } from '../deps.ts';
import { firstKey } from '../refunds.ts';
import type { Comparer, Held, Suspect } from './comparer.ts';

/** Looked at twice, so that what was on its way during one look is seen by the next. */
const OVERLAP_MS = 3_600_000;
const FIRST_LOOK_MS = 30 * 86_400_000;
/** So long an event may take to reach us. */
const GRACE_MS = 300_000;
const BATCH = 100;

/** How a paid charge differs from what is booked of it. One that does not bear an invoice of ours is none of our business. */
export function chargeDrift(charge: ChargeView, payment: Payment | null, invoice: Invoice | null): DriftKind[] {
  if (!payment && !charge.invoiceId) return [];
  if (!payment) return [invoice?.orderId ? 'charge_unbooked' : 'charge_unknown'];
  const kinds: DriftKind[] = [];
  if (payment.amount !== charge.amount || payment.currency !== charge.currency.toUpperCase())
    kinds.push('payment_amount');
  if (charge.disputed) kinds.push('charge_disputed');
  return kinds;
}

/** How a refund at Stripe differs from the row of it. What failed is owed until another has gone out in its place. */
export function refundDrift(seen: PastRefundView, row: Refund | null): DriftKind | undefined {
  const failed = seen.status === 'failed' || seen.status === 'canceled';
  if (!row) return failed ? undefined : 'refund_foreign';
  const owed = row.status === 'failed' || row.stripeId === seen.id;
  return failed && owed ? 'refund_failed' : undefined;
}

const TEXT: Partial<Record<DriftKind, string>> = {
  charge_unbooked: 'was paid and is not booked here',
  charge_unknown: 'was paid for an invoice that is not known here',
  charge_disputed: 'is disputed by its payer: answer at Stripe',
  payment_amount: 'is booked with another amount than was paid',
  payment_missing: 'is booked here, and Stripe knows of no such payment',
  refund_failed: 'did not arrive: it is sent once more',
  refund_foreign: 'was sent back at Stripe and is not booked here',
};

/** What Stripe has booked since the last look, against payments and refunds. */
export function moneyComparer(deps: Deps, { settlePayments }: Pick<AskActivities, 'settlePayments'>): Comparer {
  async function* suspects(progress: { compared: number }): AsyncGenerator<Suspect> {
    const last = (await lastCheck(deps.em(), 'stripe'))?.completedAt;
    const since = last ? new Date(last.getTime() - OVERLAP_MS) : new Date(Date.now() - FIRST_LOOK_MS);
    const until = Date.now() - GRACE_MS * deps.config.RETRY_SCALE;
    const seen = new Set<string>();
    for await (const batch of inGroups(deps.payments.charges(since))) {
      progress.compared += batch.length;
      const references = batch.map(({ paymentIntent }) => paymentIntent);
      for (const reference of references) seen.add(reference);
      const payments = new Map(
        (await all(deps.em(), Payment, { reference: { $in: references } })).map((row) => [row.reference, row]),
      );
      for (const charge of batch) {
        const payment = payments.get(charge.paymentIntent) ?? null;
        if (!payment && charge.createdAt.getTime() > until) continue;
        const kinds =
          payment || !charge.invoiceId
            ? chargeDrift(charge, payment, null)
            : (['charge_unbooked', 'charge_unknown'] as const);
        for (const kind of kinds) yield { kind, subject: charge.paymentIntent };
      }
    }
    for (const { reference } of await all(deps.em(), Payment, { provider: 'stripe', createdAt: { $gte: since } }))
      if (!seen.has(reference)) yield { kind: 'payment_missing', subject: reference };
    for await (const refund of deps.payments.refundsSince(since)) {
      const row = await rowOf(refund);
      // Known to have failed: whose refund it is goes on with it.
      if (row?.status === 'failed') continue;
      const kind = refundDrift(refund, row);
      if (kind && refund.paymentIntent) yield { kind, subject: refund.id };
    }
  }

  async function rowOf({ id, key, paymentIntent }: PastRefundView): Promise<Refund | null> {
    const byId = await first(deps.em(), Refund, { stripeId: id });
    if (byId || !key || !paymentIntent) return byId;
    const payment = await first(deps.em(), Payment, { reference: paymentIntent });
    return payment && first(deps.em(), Refund, { paymentId: payment.id, key: firstKey(key) });
  }

  async function again(suspect: Suspect): Promise<Held | undefined> {
    const { kind, subject } = suspect;
    if (kind === 'refund_failed' || kind === 'refund_foreign') return refund(kind, subject);
    const charge = await deps.payments.chargeOf(subject).catch(absent);
    const payment = await first(deps.em(), Payment, { reference: subject });
    const invoice = await invoiceOf(payment?.invoiceId ?? charge?.invoiceId);
    const kinds = charge ? chargeDrift(charge, payment, invoice) : payment ? ['payment_missing'] : [];
    if (!kinds.includes(kind)) return undefined;
    return held(kind, subject, invoice, {
      booked: payment && { amount: payment.amount, currency: payment.currency },
      seen: charge ? { amount: charge.amount, currency: charge.currency, invoiceId: charge.invoiceId ?? null } : null,
    });
  }

  async function refund(kind: DriftKind, id: string): Promise<Held | undefined> {
    const seen = await deps.payments.readRefund(id);
    const payment = await first(deps.em(), Payment, { reference: seen.paymentIntent ?? '' });
    // Of a payment that is not ours.
    if (!payment || refundDrift(seen, await rowOf(seen)) !== kind) return undefined;
    return held(kind, id, await invoiceOf(payment.invoiceId), {
      amount: seen.amount,
      status: seen.status,
      payment: payment.reference,
    });
  }

  async function invoiceOf(id: string | undefined): Promise<Invoice | null> {
    return z.uuid().safeParse(id).success ? first(deps.em(), Invoice, { id: id ?? '' }) : null;
  }

  function held(kind: DriftKind, subject: string, invoice: Invoice | null, evidence: Record<string, unknown>): Held {
    return {
      ...{
        kind,
        subject,
        resourceId: invoice?.id ?? null,
        tenantId: invoice?.tenantId ?? null,
        evidence,
        touching: [],
      },
      text: `${subject}${invoice ? ` (invoice ${invoice.id})` : ''} ${TEXT[kind]}`,
    };
  }

  /** The order's own workflow looks, or a new one where that has ended: as if the event had come. */
  async function tellOrder(invoiceId: string | null, subject: string): Promise<void> {
    const invoice = await invoiceOf(invoiceId ?? undefined);
    const job = await first(deps.em(), Job, { orderId: invoice?.orderId ?? null, type: 'order_fulfil' });
    if (!job) throw new Refused(`no job knows the order of invoice ${invoiceId}`);
    const event = `found/${subject}`;
    await deps.em().transactional(async (tx) => {
      enqueueSignal(tx, job.workflowId, SIGNALS.payment, event, [event]);
    });
  }

  return {
    system: 'stripe',
    suspects,
    again,
    repairs: {
      charge_unbooked: (_, { resourceId, subject }) => tellOrder(resourceId, subject),
      refund_failed: async (ref, { resourceId }) => {
        const invoice = await invoiceOf(resourceId ?? undefined);
        if (invoice) await settlePayments({ ...ref, targetId: invoice.orderId ?? invoice.id });
      },
    },
  };
}

/** An intent that Stripe does not know has no charge; any other failure is none to conclude from. */
function absent(error: unknown): undefined {
  if (error instanceof ProviderError && error.kind === 'absent') return undefined;
  throw error;
}

async function* inGroups<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < BATCH) continue;
    yield group;
    group = [];
  }
  if (group.length) yield group;
}
