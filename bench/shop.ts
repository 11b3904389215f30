import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../scripts/demo/api.ts';
import { Refusal } from '../scripts/demo/http.ts';

export interface Bought {
  orderId: string;
  /** Job of the whole order. */
  jobId: string;
  invoiceId: string;
}

const SKU = 'CPOD-MINI';
/** PROVIDER_FAILED and PROVIDER_TIMEOUT: the worker did not get to it. */
const TOO_BUSY = [502, 504];
const TRIES = 12;
const PAGES = { successUrl: 'http://shop.test/thanks', cancelUrl: 'http://shop.test/cart' };

/** One customer who orders CloudPods. */
export interface Shopper {
  order(): Promise<Bought>;
  /** Payment sessions that had to be asked for again. */
  late: number;
  /** Opens the payment session, again where the worker was too busy to answer in time; the address of its page. */
  checkout(bought: Bought): Promise<string>;
}

export async function createShoppers(api: Api, count: number): Promise<Shopper[]> {
  const { items } = await api.get<{ items: { id: string; sku: string }[] }>('/products?pageSize=200');
  const productId = items.find(({ sku }) => sku === SKU)?.id;
  return Promise.all(Array.from({ length: count }, async () => shopper(api, (await newCustomer(api)).id, productId)));
}

export function newCustomer(api: Api): Promise<{ id: string }> {
  const email = `bench-${crypto.randomUUID()}@customer.test`;
  return api.post('/customers', { name: 'Bench Customer', email });
}

function shopper(api: Api, customerId: string, productId: string | undefined): Shopper {
  return {
    late: 0,
    async order() {
      const items = [{ productId, billingCycle: 'monthly', quantity: 1 }];
      const placed = await api.post<{ order: { id: string; jobId: string }; invoice: { id: string } }>('/orders', {
        customerId,
        items,
      });
      return { orderId: placed.order.id, jobId: placed.order.jobId, invoiceId: placed.invoice.id };
    },
    async checkout({ invoiceId }) {
      for (let tries = 1; ; tries++) {
        try {
          return (await api.post<{ checkoutUrl: string }>('/payments/session', { invoiceId, ...PAGES })).checkoutUrl;
        } catch (error) {
          if (!(error instanceof Refusal && TOO_BUSY.includes(error.status)) || tries === TRIES) throw error;
          this.late += 1;
        }
      }
    },
  };
}

/** Presses the Pay button of a checkout page. */
export async function pay(checkoutUrl: string): Promise<void> {
  const answer = await fetch(`${checkoutUrl}/pay`, { method: 'POST', redirect: 'manual' });
  await answer.arrayBuffer();
  if (answer.status !== 303) throw new Error(`paying at ${checkoutUrl} was answered ${answer.status}`);
}

interface JobView {
  id: string;
  status: string;
}

const ENDED = new Set(['completed', 'failed', 'cancelled', 'compensated']);
const LOOK_EVERY_MS = 250;
const PATIENCE_MS = 120_000;

/** Waits for many orders with one request at a time: the newest jobs, and by itself only who is not among them. */
export class Lookout {
  readonly #api: Api;
  readonly #pageSize: number;
  readonly #waiting = new Map<string, { since: number; done: (status: string) => void }>();

  constructor(api: Api, inFlight: number) {
    this.#api = api;
    this.#pageSize = Math.min(200, 2 * inFlight);
  }

  /** The status in which the job ended, or has hung for two minutes. */
  ended(jobId: string): Promise<string> {
    const answer = new Promise<string>((done) => this.#waiting.set(jobId, { since: Date.now(), done }));
    return answer;
  }

  /** Looks until `work` is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const end = work.finally(() => {
      over = true;
    });
    const looking = (async () => {
      for (; !over; await sleep(LOOK_EVERY_MS)) if (this.#waiting.size) await this.#look();
    })();
    const [result] = await Promise.all([end, looking]);
    return result;
  }

  async #look(): Promise<void> {
    const { items } = await this.#api.get<{ items: JobView[] }>(`/jobs?type=order_fulfil&pageSize=${this.#pageSize}`);
    const listed = new Map(items.map((job) => [job.id, job.status]));
    for (const [id, { since, done }] of [...this.#waiting]) {
      const status = listed.get(id) ?? (await this.#api.get<JobView>(`/jobs/${id}`)).status;
      if (!ENDED.has(status) && Date.now() - since < PATIENCE_MS) continue;
      this.#waiting.delete(id);
      done(status);
    }
  }
}
