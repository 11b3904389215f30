import { randomBytes } from 'node:crypto';
import { JOB_ENDED } from '../../../core/states.ts';
import {
  type Client,
  type Customer,
  HttpRefusal,
  type Invoice,
  type Job,
  type JobWithSteps,
  type Order,
  type Page,
  type PlacedOrder,
  type Product,
} from '../../support/client.ts';
import { until } from '../../support/until.ts';

export interface Wish {
  productId: string;
  billingCycle: 'monthly' | 'yearly';
  quantity?: number;
  config?: Record<string, unknown>;
  addons?: { productId: string; quantity: number }[];
}

/** What is bought and how it goes, all through the API. */
export async function shop(admin: Client) {
  const { items: products } = await admin.get<Page<Product>>('/products?pageSize=100');

  function product(sku: string): string {
    const found = products.find((candidate) => candidate.sku === sku);
    if (!found) throw new Error(`no product ${sku}`);
    return found.id;
  }
  const wish = (sku: string, config: Record<string, unknown> = {}, addons: string[] = []): Wish => ({
    productId: product(sku),
    billingCycle: sku === 'DOMAIN' ? 'yearly' : 'monthly',
    config,
    ...(addons.length ? { addons: addons.map((addon) => ({ productId: product(addon), quantity: 1 })) } : {}),
  });

  async function job(id: string): Promise<JobWithSteps> {
    return admin.get(`/jobs/${id}`);
  }
  async function order(id: string): Promise<Order> {
    return admin.get(`/orders/${id}`);
  }

  async function children(jobId: string): Promise<Job[]> {
    return (await admin.get<Page<Job>>(`/jobs?pageSize=100&sort=createdAt&parentJobId=${jobId}`)).items;
  }

  return {
    product,
    job,
    order,
    /** A domain nobody has. */
    name: () => `t${randomBytes(6).toString('hex')}.example`,
    pod: (hostname?: string, { sku = 'CPOD-MINI', addons = [] as string[] } = {}) =>
      wish(sku, hostname ? { hostname } : {}, addons),
    domain: (domain: string) => wish('DOMAIN', { domain }),
    mail: (domain: string, password = 'Mailbox-pass-1') => wish('MAIL-START', { domain, localPart: 'info', password }),
    addon: (sku: string, instanceId: string) => wish(sku, { instanceId }),

    customer: (): Promise<Customer> =>
      admin.post('/customers', {
        name: 'Ann Example',
        email: `ann-${randomBytes(6).toString('hex')}@customers.test`,
        phone: '+1-555-1234567',
        address: { line1: 'Road 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
      }),

    place: (customer: Customer, items: Wish[]): Promise<PlacedOrder> =>
      admin.post('/orders', { customerId: customer.id, items }),

    /** Asks three times where the workers were too busy to answer in time, as who has read the 504 does. */
    async checkout(invoiceId: string): Promise<string> {
      const wish = { invoiceId, successUrl: 'http://127.0.0.1/thanks', cancelUrl: 'http://127.0.0.1/back' };
      for (let times = 1; ; times++) {
        try {
          return (await admin.post<{ checkoutUrl: string }>('/payments/session', wish)).checkoutUrl;
        } catch (error) {
          if (!(error instanceof HttpRefusal && error.status === 504) || times === 3) throw error;
        }
      }
    },
    /** Opens the checkout page of an invoice and presses Pay there. */
    async pay(invoiceId: string): Promise<void> {
      await press(await this.checkout(invoiceId), 'pay');
    },
    invoice: (id: string): Promise<Invoice> => admin.get(`/invoices/${id}`),

    children,

    /** The job once it stands like this, or has ended in another way (then that is the failure shown). */
    stands: (jobId: string, status: Job['status'], withinMs = 20_000): Promise<JobWithSteps> =>
      until(
        `job ${status}`,
        async () => {
          const now = await job(jobId);
          if (now.status === status) return now;
          if (JOB_ENDED.includes(now.status)) throw new Error(`the job is ${now.status}: ${now.reason}`);
          throw new Error(`the job is still ${now.status} at ${now.step}: ${now.reason}`);
        },
        withinMs,
      ),

    /** The order once its workflow has ended, mails included. */
    async ended(orderId: string, withinMs = 30_000): Promise<Order> {
      const { jobId } = await order(orderId);
      try {
        await until('the order ends', async () => JOB_ENDED.includes((await job(jobId)).status), withinMs);
      } catch (cause) {
        const stand = (await children(jobId)).map(({ type, status, reason }) => `${type} ${status} ${reason ?? ''}`);
        throw new Error(`the order does not end: ${stand.join(', ')}`, { cause });
      }
      return order(orderId);
    },
  };
}

/** A button of the checkout page. */
export async function press(checkoutUrl: string, button: 'pay' | 'decline'): Promise<number> {
  return (await fetch(`${checkoutUrl}/${button}`, { method: 'POST', redirect: 'manual' })).status;
}
