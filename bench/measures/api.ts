import { closedLoop, timed } from '../../scripts/stage/load.ts';
import type { Stage } from '../../scripts/stage/stage.ts';
import type { Measured } from '../figure.ts';
import type { Options } from '../options.ts';
import { createShoppers, newCustomer } from '../shop.ts';
import { quantile } from '../stats.ts';

const CLIENTS = 20;
const CALLS_PER_ORDER = 8;
const MOST = 4000;
/** One call in so many creates something. */
const WRITE_EVERY = 5;

/** Lists, rows and creations, mixed, by clients that call again as soon as they are answered. */
export async function measureApi(stage: Stage, { orders }: Options): Promise<Measured> {
  const api = await stage.signIn();
  const [shopper] = await createShoppers(api, 1);
  const { orderId, jobId } = await shopper!.order();
  const paths = [
    '/customers',
    `/orders/${orderId}`,
    '/jobs',
    `/jobs/${jobId}`,
    '/products?activeOnly=true',
    '/auth/me',
  ];
  const reads: number[] = [];
  const writes: number[] = [];
  const count = Math.min(orders * CALLS_PER_ORDER, MOST);
  const seconds = await closedLoop(count, CLIENTS, async (index) => {
    if (index % WRITE_EVERY === 0) writes.push(await timed(() => newCustomer(api)));
    else reads.push(await timed(() => api.get(paths[index % paths.length]!)));
  });
  const detail = `${CLIENTS} clients, ${(count / seconds).toFixed(0)} calls/s in all`;
  const aim = { most: 100 };
  return {
    figures: [
      { name: 'API read, p50', value: quantile(reads, 0.5), unit: 'ms', detail },
      { name: 'API read, p95', value: quantile(reads, 0.95), unit: 'ms', aim },
      { name: 'API write, p50', value: quantile(writes, 0.5), unit: 'ms' },
      { name: 'API write, p95', value: quantile(writes, 0.95), unit: 'ms', aim },
    ],
  };
}
