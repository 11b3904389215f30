import { callJson } from '../http.ts';
import type { Purchase } from '../order.ts';
import { expect, need, type Proof } from './proof.ts';

interface Charge {
  id: string;
  /** In the smallest unit of its currency, as `currency` has one; the demo sells in USD. */
  amount: number;
  currency: string;
  paid: boolean;
  amount_refunded: number;
  metadata: Record<string, string>;
  billing_details: { email: string | null };
}

/** Stripe has one charge of the invoice's amount, and the invoice is paid. */
export const payment: Proof = async ({ env, api, purchase }) => {
  const { id, amount, currency } = purchase.invoice;
  const charges = (await chargesSince(env, purchase.orderedAt)).filter(
    (charge) => charge.paid && isOf(purchase, charge),
  );
  const [charge] = charges;
  expect(charge !== undefined, `no charge for invoice ${id} at Stripe`);
  expect(
    charges.length === 1,
    `${charges.length} charges for invoice ${id} at Stripe: ${charges.map((one) => one.id).join(', ')}`,
  );
  const charged = `${(charge.amount / 100).toFixed(2)} ${charge.currency.toUpperCase()}`;
  const due = `${amount.toFixed(2)} ${currency}`;
  expect(charged === due, `charge ${charge.id} is of ${charged}, the invoice of ${due}`);
  expect(charge.amount_refunded === 0, `charge ${charge.id} was refunded`);
  const { status } = await api.get<{ status: string }>(`/invoices/${id}`);
  expect(status === 'paid', `invoice ${id} is ${status}`);
  return `one charge, ${charge.id} of ${charged}; invoice ${id} is paid`;
};

/** Ours by the invoice named in it, or by the customer, who exists for this order alone. */
function isOf({ invoice, customer }: Purchase, charge: Charge): boolean {
  return charge.metadata.invoiceId === invoice.id || charge.billing_details.email === customer.email;
}

/** GET /v1/charges, all pages. */
async function chargesSince(env: NodeJS.ProcessEnv, since: Date): Promise<Charge[]> {
  const base = `${env.STRIPE_API_URL ?? 'https://api.stripe.com'}/v1/charges`;
  const headers = { authorization: `Bearer ${need(env, 'STRIPE_SECRET_KEY')}` };
  const all: Charge[] = [];
  for (let more = true; more; ) {
    const query = new URLSearchParams({ limit: '100', 'created[gte]': String(Math.floor(since.getTime() / 1000)) });
    const last = all.at(-1);
    if (last) query.set('starting_after', last.id);
    const page = (await callJson(`${base}?${query}`, { headers })) as { data: Charge[]; has_more: boolean };
    all.push(...page.data);
    more = page.has_more;
  }
  return all;
}
