import { parseArgs } from 'node:util';
import { StartFailure } from '../scripts/launch/failure.ts';
import { positive } from '../scripts/stage/positive.ts';

/** In the order in which they are taken. */
export const MEASURES = ['orders', 'delivery', 'api', 'webhook', 'lists', 'start'] as const;
export type MeasureName = (typeof MEASURES)[number];

export interface Options {
  /** Orders of each run. */
  orders: number;
  runs: number;
  inFlight: number;
  /** Of the larger lists. */
  rows: number;
  only: readonly MeasureName[];
}

/** `--orders 500 --runs 3 --in-flight 50 --rows 1000000 --only orders --only api`. Throws StartFailure. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      orders: { type: 'string', default: '500' },
      runs: { type: 'string', default: '3' },
      'in-flight': { type: 'string', default: '50' },
      rows: { type: 'string', default: '1000000' },
      only: { type: 'string', multiple: true, default: [...MEASURES] },
    },
  });
  return {
    orders: positive('orders', values.orders),
    runs: positive('runs', values.runs),
    inFlight: positive('in-flight', values['in-flight']),
    rows: positive('rows', values.rows),
    only: values.only.map(measureName),
  };
}

function measureName(text: string): MeasureName {
  const name = MEASURES.find((one) => one === text);
  if (!name) throw new StartFailure(`--only takes one of ${MEASURES.join(', ')}.`);
  return name;
}
