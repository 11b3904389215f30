import { closedLoop } from '../scripts/stage/load.ts';
import type { Stage } from '../scripts/stage/stage.ts';
import { createShoppers, Lookout, pay } from './shop.ts';
import { sum } from './stats.ts';

export interface OrderRun {
  perSecond: number;
  /** Payment sessions that had to be asked for again. */
  late: number;
  wrong: string[];
}

/** `count` orders of one CloudPod through HTTP and webhook, so many in flight, and the guests counted afterwards. */
export async function runOrders(stage: Stage, count: number, inFlight: number): Promise<OrderRun> {
  const api = await stage.signIn();
  const shoppers = await createShoppers(api, inFlight);
  const lookout = new Lookout(api, inFlight);
  const before = await stage.guests();
  const unfinished: string[] = [];
  const seconds = await lookout.during(
    closedLoop(count, inFlight, async (index) => {
      const shopper = shoppers[index % shoppers.length]!;
      const bought = await shopper.order();
      await pay(await shopper.checkout(bought));
      const status = await lookout.ended(bought.jobId);
      if (status !== 'completed') unfinished.push(`order ${bought.orderId} is ${status}`);
    }),
  );
  const guests = (await stage.guests()) - before;
  const miscounted = guests === count ? [] : [`${count} orders made ${guests} guests`];
  return {
    perSecond: count / seconds,
    late: sum(shoppers.map(({ late }) => late)),
    wrong: [...unfinished, ...miscounted],
  };
}
