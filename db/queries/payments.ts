import type { EntityManager } from '@mikro-orm/postgresql';
import { CheckoutSession } from '../entities/index.ts';
import { sql } from './rows.ts';

/** The checkout page of an invoice that can be paid on for a while yet. */
export function openCheckout(em: EntityManager, invoiceId: string, until: Date): Promise<CheckoutSession | null> {
  return em.findOne(
    CheckoutSession,
    { invoiceId, status: { $in: ['opening', 'open'] }, expiresAt: { $gt: until } },
    { orderBy: { createdAt: 'desc' } },
  );
}

export const findCheckout = (em: EntityManager, id: string) => em.findOne(CheckoutSession, { id });

/** Keeps a verified event; false when it was kept before. */
export async function keepStripeEvent(
  em: EntityManager,
  event: { id: string; type: string; invoiceId: string | null; payload: unknown },
): Promise<boolean> {
  const kept = await sql(
    em,
    'insert into stripe_event (id, type, invoice_id, payload) values (?, ?, ?, ?::jsonb) on conflict do nothing returning id',
    [event.id, event.type, event.invoiceId, JSON.stringify(event.payload, storable)],
  );
  return kept.length > 0;
}

/** jsonb takes neither NUL nor half a surrogate pair. */
const storable = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value;
