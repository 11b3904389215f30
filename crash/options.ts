import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { positive } from '../scripts/stage/positive.ts';
import type { Size } from './schedule.ts';

export interface Options extends Size {
  seed: string;
  inFlight: number;
  /** Orders between two judgements. */
  batch: number;
}

/** Orders for each kill of each target, and faults for each order, unless given. */
const USUAL = { ordersPerKill: 25, faultsPerOrder: 1.5 };

/** `--orders 1000 --seed S --in-flight 20 --batch 50 --kills 40 --faults 1500`. Throws StartFailure. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      orders: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(randomInt(1e9)) },
      'in-flight': { type: 'string', default: '20' },
      batch: { type: 'string', default: '50' },
      kills: { type: 'string' },
      faults: { type: 'string' },
    },
  });
  const orders = positive('orders', values.orders);
  return {
    ...{ orders, seed: values.seed, inFlight: positive('in-flight', values['in-flight']) },
    batch: positive('batch', values.batch),
    kills: values.kills ? positive('kills', values.kills) : Math.ceil(orders / USUAL.ordersPerKill),
    faults: values.faults ? positive('faults', values.faults) : Math.ceil(orders * USUAL.faultsPerOrder),
  };
}

/** The command that plays the same schedule again. */
export function command({ orders, seed, inFlight, batch, kills, faults }: Options): string {
  return `npm run crash -- --orders ${orders} --seed ${seed} --in-flight ${inFlight} --batch ${batch} --kills ${kills} --faults ${faults}`;
}
