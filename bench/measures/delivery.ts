import { setTimeout as sleep } from 'node:timers/promises';
import { openLoop, timed } from '../../scripts/stage/load.ts';
import type { Stage } from '../../scripts/stage/stage.ts';
import type { Measured } from '../figure.ts';
import type { Options } from '../options.ts';
import { createShoppers, pay } from '../shop.ts';
import { quantile } from '../stats.ts';

const PER_SECOND = 1;
const MOST = 60;
/** Seldom enough that looking is not a load of its own: an order that takes longer is looked at more often. */
const LOOK_EVERY_MS = 100;
const PATIENCE_MS = 60_000;

/** From Pay pressed until the API shows the order as active, at one order a second. */
export async function measureDelivery(stage: Stage, { orders }: Options): Promise<Measured> {
  const count = Math.min(orders, MOST);
  const api = await stage.signIn();
  const [shopper] = await createShoppers(api, 1);
  const took: number[] = [];
  const wrong: string[] = [];

  async function active(orderId: string): Promise<void> {
    for (const until = Date.now() + PATIENCE_MS; ; await sleep(LOOK_EVERY_MS)) {
      const { status } = await api.get<{ status: string }>(`/orders/${orderId}`);
      if (status === 'active') return;
      if (status === 'failed' || Date.now() > until) return void wrong.push(`order ${orderId} is ${status}`);
    }
  }

  await openLoop(count, PER_SECOND, async () => {
    const bought = await shopper!.order();
    const checkoutUrl = await shopper!.checkout(bought);
    took.push(
      await timed(async () => {
        await pay(checkoutUrl);
        await active(bought.orderId);
      }),
    );
  });
  const detail = `${count} orders at ${PER_SECOND}/s`;
  return {
    figures: [
      { name: 'paid to delivered, p50', value: quantile(took, 0.5), unit: 'ms', aim: { most: 1500 }, detail },
      { name: 'paid to delivered, p95', value: quantile(took, 0.95), unit: 'ms', aim: { most: 3000 } },
    ],
    wrong,
  };
}
