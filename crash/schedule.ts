import { FAULTS, type Fault } from './faults.ts';
import { Random } from './random.ts';
import { SORTS, type Sort } from './wishes.ts';

/** What can be killed; the stand-ins are the world outside and live. */
export const TARGETS = ['api', 'workers', 'temporal', 'postgres'] as const;
export type Target = (typeof TARGETS)[number];

/**
 * How the customer pays. `bank late`: the money comes a while after the checkout; `too late`: after the order was
 * called off; `not yet`: in no campaign, since everything ends in one.
 */
const PAYMENTS = [
  { way: 'at once', share: 12 },
  { way: 'declined first', share: 2 },
  { way: 'pressed twice', share: 1 },
  { way: 'two pages', share: 2 },
  { way: 'bank late', share: 2 },
  { way: 'declined', share: 1 },
  { way: 'called off', share: 1 },
  { way: 'too late', share: 1 },
  { way: 'not yet', share: 0 },
] as const;
export type Payment = (typeof PAYMENTS)[number]['way'];

export interface PlannedOrder {
  index: number;
  sort: Sort;
  payment: Payment;
  /** Nobody has it; the order's own where it wants one. */
  domain: string;
}

/** When so many orders were placed, and something more passed. */
interface Moment {
  orders: number;
  afterMs: number;
}
export interface PlannedKill extends Moment {
  target: Target;
  /** How long it stays down. */
  downMs: number;
}
export interface PlannedFault extends Moment {
  fault: Fault;
  /** Operations of its kind that pass first. */
  skip: number;
}

export interface Schedule {
  orders: PlannedOrder[];
  kills: PlannedKill[];
  faults: PlannedFault[];
}

export interface Size {
  orders: number;
  /** Of each target. */
  kills: number;
  faults: number;
}

/** Everything that a campaign decides beforehand; the same for the same seed and size. */
export function plan(seed: string, size: Size): Schedule {
  const kills = TARGETS.flatMap((target) =>
    Array.from({ length: size.kills }, (_, at) => kill(seed, size, target, at)),
  );
  return {
    orders: Array.from({ length: size.orders }, (_, index) => order(seed, index)),
    kills: kills.sort(byMoment),
    faults: Array.from({ length: size.faults }, (_, at) => fault(seed, size, at)).sort(byMoment),
  };
}

function order(seed: string, index: number): PlannedOrder {
  const random = new Random(seed, `order ${index}`);
  const sort = random.draw(SORTS);
  const { way } = random.draw(PAYMENTS);
  // What cannot be delivered is about the refund: it is paid.
  const payment = sort.flaw && UNPAID.includes(way) ? 'at once' : way;
  return { index, sort, payment, domain: `c${index}-${random.word(8)}.example` };
}

/** Ways that end without an order. */
export const UNPAID: readonly Payment[] = ['declined', 'called off', 'too late'];

/** Spread evenly, each somewhere in its part. */
function kill(seed: string, { orders, kills }: Size, target: Target, at: number): PlannedKill {
  const random = new Random(seed, `kill ${target} ${at}`);
  const within = orders / kills;
  return {
    target,
    orders: Math.floor((at + random.next()) * within),
    afterMs: random.below(1_000),
    downMs: random.below(1_500),
  };
}

function fault(seed: string, { orders, faults }: Size, at: number): PlannedFault {
  const random = new Random(seed, `fault ${at}`);
  return {
    // In turn, so that a long campaign plays all of them about as often.
    fault: FAULTS[(at + new Random(seed, 'faults').below(FAULTS.length)) % FAULTS.length]!,
    orders: Math.floor(((at + random.next()) * orders) / faults),
    afterMs: random.below(500),
    skip: random.below(4),
  };
}

const byMoment = (a: Moment, b: Moment) => a.orders - b.orders || a.afterMs - b.afterMs;
