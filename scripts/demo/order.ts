import { randomBytes } from 'node:crypto';
import type { Api } from './api.ts';
import { DemoFailure } from './failure.ts';

interface Product {
  id: string;
  sku: string;
  metadata: Record<string, unknown>;
}

interface Placed {
  order: { id: string; jobId: string; total: number; currency: string; items: { type: string; resourceId: string }[] };
  invoice: { id: string; amount: number };
}

/** What a customer ordered, as far as the outside world must show it. */
export interface Purchase {
  customer: { name: string; email: string };
  domain: string;
  hostname: string;
  /** Id of the CloudPod in the API. */
  podId: string;
  size: { cores: number; memoryMb: number; diskGb: number };
  mailbox: { address: string; password: string };
  invoice: { id: string; amount: number; currency: string };
  orderId: string;
  /** Parent job of the order. */
  jobId: string;
  orderedAt: Date;
}

/** A new customer orders a CloudPod Mini, a domain for it and a mailbox there; all names are new in each run. */
export async function placeOrder(api: Api): Promise<Purchase> {
  const products = await catalogue(api);
  const domain = `demo-${randomBytes(4).toString('hex')}.example`;
  const [hostname, localPart, password] = [`www.${domain}`, 'hello', randomBytes(12).toString('base64url')];
  const customer = await api.post<{ id: string; name: string; email: string }>('/customers', newCustomer(domain));
  const item = (sku: string, billingCycle: string, config: object) => ({
    productId: products(sku).id,
    billingCycle,
    config,
  });
  const orderedAt = new Date();
  const { order, invoice } = await api.post<Placed>('/orders', {
    customerId: customer.id,
    items: [
      item('CPOD-MINI', 'monthly', { hostname }),
      item('DOMAIN', 'yearly', { domain, years: 1 }),
      item('MAIL-START', 'monthly', { domain, localPart, password }),
    ],
  });
  const { cpu, ramMb, diskGb } = products('CPOD-MINI').metadata;
  return {
    customer: { name: customer.name, email: customer.email },
    ...{ domain, hostname, orderedAt },
    podId: String(order.items.find(({ type }) => type === 'cloudpod')?.resourceId),
    size: { cores: Number(cpu), memoryMb: Number(ramMb), diskGb: Number(diskGb) },
    mailbox: { address: `${localPart}@${domain}`, password },
    invoice: { id: invoice.id, amount: invoice.amount, currency: order.currency },
    ...{ orderId: order.id, jobId: order.jobId },
  };
}

async function catalogue(api: Api): Promise<(sku: string) => Product> {
  const { items } = await api.get<{ items: Product[] }>('/products?activeOnly=true&pageSize=200');
  return (sku) => {
    const product = items.find((one) => one.sku === sku);
    if (product) return product;
    throw new DemoFailure(
      `The catalogue has no ${sku}: DATA_DIR was set up without the demo's. Set it to a new folder.`,
    );
  };
}

/** The registry needs a postal address, so the customer has one. */
function newCustomer(domain: string) {
  const address = { line1: '1 Demo Street', city: 'Miami', state: 'FL', postalCode: '33101', country: 'US' };
  return {
    name: 'Dana Demo',
    email: `dana@${domain.replace('.', '-')}.customer.test`,
    phone: '+1-305-555-0100',
    address,
  };
}
