import type { EntityManager } from '@mikro-orm/postgresql';
import { formatMoney } from '../core/money.ts';
import { Customer, type Invoice } from '../db/entities/index.ts';
import { get } from '../db/queries/entity.ts';
import { writeNotice } from './notices.ts';

export const day = (date: Date): string => date.toISOString().slice(0, 10);
const days = (seconds: number): string => day(new Date(Date.now() + seconds * 1000));

export function tellDue(tx: EntityManager, invoice: Invoice, title: string): Promise<void> {
  const { dueAt } = invoice;
  const subject = `Invoice for ${title}`;
  return tell(
    tx,
    invoice,
    `due/${invoice.id}`,
    subject,
    `${title} is renewed when its invoice is paid, by ${dueAt ? day(dueAt) : 'now'}.`,
  );
}

export function tellOverdue(tx: EntityManager, invoice: Invoice, title: string, left: number): Promise<void> {
  const text = `${title} is suspended, since its invoice is unpaid. It goes on as soon as that is paid; on ${days(left)} it is cancelled.`;
  return tell(tx, invoice, `overdue/${invoice.id}`, `${title} is suspended`, text);
}

export function tellLapsed(tx: EntityManager, invoice: Invoice, title: string, left: number): Promise<void> {
  const text = `${title} is cancelled, since its invoice was not paid. What it holds is deleted on ${days(left)}.`;
  return tell(tx, invoice, `lapsed/${invoice.id}`, `${title} is cancelled`, text);
}

async function tell(tx: EntityManager, invoice: Invoice, key: string, subject: string, text: string): Promise<void> {
  const { name, email: recipient } = await get(tx, Customer, invoice.customerId);
  const money = formatMoney(invoice.total, invoice.currency);
  const body = [`Hello ${name},`, '', text, '', `Invoice ${invoice.id}: ${money}`].join('\n');
  await writeNotice(tx, { tenantId: invoice.tenantId, key, recipient, subject, text: body });
}
