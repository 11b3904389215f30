import { Refusal } from '../scripts/demo/http.ts';
import type { Stage } from '../scripts/stage/stage.ts';
import type { Fate } from './invariants/evidence.ts';
import type { PatientApi } from './patient.ts';
import { type PlannedOrder, UNPAID } from './schedule.ts';
import type { Wish } from './wishes.ts';

const PAGES = { successUrl: 'http://shop.test/thanks', cancelUrl: 'http://shop.test/cart' };
/** After the checkout, until the bank says that the money is there. */
const BANK_MS = 2_500;

/** Who orders what was planned, pays in the way that was planned, and does not wait for the outcome. */
export interface Shopper {
  /** Id of the order, and how it must end, if there is only one way. */
  buy(planned: PlannedOrder): Promise<{ orderId: string; invoiceId: string; fate: Fate | undefined }>;
}

export async function shopper(stage: Stage, api: PatientApi): Promise<Shopper> {
  const products = await api.list<{ id: string; sku: string }>('/products');
  const product = (sku: string) => products.find((candidate) => candidate.sku === sku)?.id;
  const item = ({ sku, billingCycle, config, addons = [] }: Wish) => ({
    ...{ productId: product(sku), billingCycle, quantity: 1, config },
    ...(addons.length ? { addons: addons.map((addon) => ({ productId: product(addon), quantity: 1 })) } : {}),
  });

  async function place({ index, sort, domain }: PlannedOrder) {
    const customer = await api.send<{ id: string }>('POST', '/customers', {
      name: `Crash Customer ${index}`,
      email: `c${index}-${crypto.randomUUID()}@customers.test`,
      phone: '+1-555-1234567',
      address: { line1: 'Road 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
    });
    const items = sort.wishes(domain).map(item);
    const wish = { customerId: customer.id, items };
    return api.send<{ order: { id: string }; invoice: { id: string } }>('POST', '/orders', wish);
  }

  const checkout = async (invoiceId: string) =>
    (await api.send<{ checkoutUrl: string }>('POST', '/payments/session', { invoiceId, ...PAGES })).checkoutUrl;

  async function press(page: string, button: 'pay' | 'decline'): Promise<void> {
    // A page that is paid, or a press whose answer was lost: the stand-in decides what became of it.
    await fetch(`${page}/${button}`, { method: 'POST', redirect: 'manual' }).then(
      (answer) => answer.arrayBuffer(),
      () => undefined,
    );
  }

  /** The checkout goes through, the money is under way. */
  async function payByBank(page: string): Promise<void> {
    const slow = { kind: 'switch' as const, name: 'payment-processing', data: { outcome: 'paid', ms: BANK_MS } };
    await stage.outside.fault('stripe', { match: `^pay ${page.split('/').at(-1)}$`, phase: 'switch', action: slow });
    await press(page, 'pay');
  }

  /** A second page, as one gets who comes back when the first is nearly over. */
  async function anotherPage(invoiceId: string): Promise<string> {
    await stage.sql(`update checkout_session set expires_at = now() where invoice_id = '${invoiceId}'`);
    return checkout(invoiceId);
  }

  /** Asked for once more where the answer was lost: then it is no longer unpaid. */
  async function callOff(invoiceId: string): Promise<void> {
    try {
      await api.send('PATCH', `/invoices/${invoiceId}/status`, { status: 'cancelled' });
    } catch (error) {
      if (!(error instanceof Refusal && error.status === CONFLICT)) throw error;
    }
  }

  const ways: Record<PlannedOrder['payment'], (invoiceId: string) => Promise<void>> = {
    'at once': async (id) => press(await checkout(id), 'pay'),
    'declined first': async (id) => {
      const page = await checkout(id);
      await press(page, 'decline');
      await press(page, 'pay');
    },
    'pressed twice': async (id) => {
      const page = await checkout(id);
      await Promise.all([press(page, 'pay'), press(page, 'pay')]);
    },
    'two pages': async (id) => {
      const first = await checkout(id);
      const second = await anotherPage(id);
      await Promise.all([press(first, 'pay'), press(second, 'pay')]);
    },
    'bank late': async (id) => payByBank(await checkout(id)),
    declined: async (id) => {
      await press(await checkout(id), 'decline');
      await callOff(id);
    },
    'called off': callOff,
    'not yet': async () => {},
    'too late': async (id) => {
      await payByBank(await checkout(id));
      await callOff(id);
    },
  };

  return {
    async buy(planned) {
      const { order, invoice } = await place(planned);
      if (planned.sort.flaw?.kind === 'name taken')
        await stage.outside.act('registrar', 'plant-domain', { name: planned.domain });
      await ways[planned.payment](invoice.id);
      return { orderId: order.id, invoiceId: invoice.id, fate: fateOf(planned) };
    },
  };
}

const CONFLICT = 409;

/** Money that is under way when the order is called off may win or lose: either is right, as long as the books balance. */
function fateOf({ sort, payment }: PlannedOrder): Fate | undefined {
  if (payment === 'too late' || payment === 'not yet') return undefined;
  if (UNPAID.includes(payment)) return 'cancelled';
  return sort.flaw ? { undone: sort.flaw.undone } : 'delivered';
}
