import { duplicates } from './duplicates.ts';
import type { Invariant } from './evidence.ts';

const DAY = 86_400_000;
/** The longest first period less than two of the shortest: a month. Domains are renewed by years. */
const PERIODS: Record<string, { from: number; to: number }> = {
  monthly: { from: 27, to: 32 },
  quarterly: { from: 88, to: 93 },
  yearly: { from: 364, to: 3_660 },
};

/**
 * Every event of Stripe got through and took effect once, however often it came: what was paid at Stripe is paid here, one
 * charge of an invoice is counted and each thing is refunded once, and what was bought runs for one period.
 */
export const webhooks: Invariant = ({ told, outside: { stripe } }) => {
  const invoices = new Map(told.invoices.map((invoice) => [invoice.id, invoice]));
  const sent = stripe.refunds.filter(({ status }) => status === 'succeeded');
  const back = (id: string) => sent.filter(({ charge }) => charge === id).reduce((sum, { amount }) => sum + amount, 0);
  const charged = stripe.charges.filter(({ status }) => status === 'succeeded');
  const undelivered = stripe.events.filter(({ deliveries }) => deliveries.some(({ state }) => state !== 'delivered'));
  const untaken = charged.filter(
    ({ id, amount, metadata }) => back(id) < amount && !['paid', 'refunded'].includes(invoices.get(metadata.invoiceId ?? '')?.status ?? ''),
  );
  const keys = sent.map(({ metadata }) => metadata.key ?? '');
  return [
    ...undelivered.map(({ id, type }) => `event ${id} (${type}) did not get through`),
    ...untaken.map(({ id, metadata }) => `charge ${id} took no effect on invoice ${metadata.invoiceId}`),
    ...duplicates(keys).map((key) => `${key} was refunded twice`),
    ...told.subscriptions.filter(isOdd).map(
      ({ id, startsAt, renewsAt, billingCycle }) => `subscription ${id}, ${billingCycle}, runs from ${startsAt} to ${renewsAt}`,
    ),
  ];
}; // biome-ignore format: one sentence each

function isOdd({
  status,
  startsAt,
  renewsAt,
  billingCycle,
}: Parameters<Invariant>[0]['told']['subscriptions'][number]) {
  if (status !== 'active') return false;
  const days = (Date.parse(renewsAt ?? '') - Date.parse(startsAt ?? '')) / DAY;
  const { from, to } = PERIODS[billingCycle]!;
  return !(days >= from && days <= to);
}
