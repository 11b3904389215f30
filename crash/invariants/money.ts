import type { Evidence, Invariant, Told } from './evidence.ts';

/** What was charged less what went back is the price of what was delivered, and the invoice says the same. */
export const money: Invariant = ({ told, outside }) => {
  const orders = new Map(told.orders.map((order) => [order.id, order]));
  const invoices = told.invoices.flatMap((invoice) => {
    const order = orders.get(invoice.orderId ?? '');
    return order ? judge(invoice, order, outside.stripe) : [];
  });
  return [...invoices, ...unknown(told, outside.stripe)];
};

function judge(
  invoice: Told['invoices'][number],
  order: Told['orders'][number],
  stripe: Evidence['outside']['stripe'],
): string[] {
  const charges = stripe.charges.filter(
    ({ metadata, status }) => metadata.invoiceId === invoice.id && status === 'succeeded',
  );
  const ids = new Set(charges.map(({ id }) => id));
  const refunds = stripe.refunds.filter(({ charge, status }) => ids.has(charge) && status === 'succeeded');
  const kept = sum(charges) - sum(refunds);
  const worth = sum(
    order.items.filter(({ status }) => status === 'delivered').map(({ charged }) => ({ amount: cents(charged) })),
  );
  const wrong = kept === worth ? [] : [`invoice ${invoice.id}: ${kept} were kept, ${worth} were delivered (order ${order.id})`];
  const paid = invoice.status === 'paid' || invoice.status === 'refunded';
  const said = paid ? cents(invoice.total) - cents(invoice.amountRefunded) : 0;
  return said === kept ? wrong : [...wrong, `invoice ${invoice.id} is ${invoice.status} and says ${said}, Stripe has ${kept}`];
} // biome-ignore format: one sentence each

function unknown(told: Told, { charges }: Evidence['outside']['stripe']): string[] {
  const known = new Set(told.invoices.map(({ id }) => id));
  return charges
    .filter(({ metadata }) => !known.has(metadata.invoiceId ?? ''))
    .map(({ id, amount }) => `charge ${id} of ${amount} belongs to no invoice`);
}

const sum = (all: readonly { amount: number }[]) => all.reduce((total, { amount }) => total + amount, 0);
/** All prices of the demo are in a currency of two digits. */
const cents = (price: number) => Math.round(price * 100);
