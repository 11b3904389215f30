import { parseArgs } from 'node:util';
import { StartFailure } from '../scripts/launch/failure.ts';

/** In the order in which they are taken. */
export const MEASURES = ['orders', 'delivery', 'api', 'webhook', 'start'] as const;
export type MeasureName = (typeof MEASURES)[number];

export interface Options {
  /** Orders of each run. */
  orders: number;
  runs: number;
  inFlight: number;
  only: readonly MeasureName[];
}

/** `--orders 500 --runs 3 --in-flight 50 --only orders --only api`. Throws StartFailure. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      orders: { type: 'string', default: '500' },
      runs: { type: 'string', default: '3' },
      'in-flight': { type: 'string', default: '50' },
      only: { type: 'string', multiple: true, default: [...MEASURES] },
    },
  });
  return {
    orders: positive('orders', values.orders),
    runs: positive('runs', values.runs),
    inFlight: positive('in-flight', values['in-flight']),
    only: values.only.map(measureName),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new StartFailure(`--${name} takes a number from 1 up.`);
  return value;
}

function measureName(text: string): MeasureName {
  const name = MEASURES.find((one) => one === text);
  if (!name) throw new StartFailure(`--only takes one of ${MEASURES.join(', ')}.`);
  return name;
}
